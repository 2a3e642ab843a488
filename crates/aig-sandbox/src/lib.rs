//! The Aignostics Platform on loopback.

mod analysis;
mod raster;
pub mod synthetic;
mod tiled_tiff;
