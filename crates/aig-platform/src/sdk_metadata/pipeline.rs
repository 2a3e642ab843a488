//! Wishes about the machines that a run is computed on.

use serde::Serialize;

/// Wishes about the machines. The defaults are those of the platform's other clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pipeline {
    /// Machines with graphics processors.
    pub gpu: Gpu,
    /// Machines without.
    pub cpu: Cpu,
    /// How long to wait for machines, in minutes: 1 to 3600.
    pub node_acquisition_timeout_minutes: u32,
}

/// Wishes about graphics processors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Gpu {
    /// Which kind.
    pub gpu_type: GpuType,
    /// How they are had.
    pub provisioning_mode: GpuProvisioning,
    /// How many for one slide: 1 to 8.
    pub max_gpus_per_slide: u32,
    /// The longest run of flex start, in minutes: 1 to 3600. For flex start alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flex_start_max_run_duration_minutes: Option<u32>,
}

/// Wishes about other machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[non_exhaustive]
pub struct Cpu {
    /// How they are had.
    pub provisioning_mode: CpuProvisioning,
}

/// A kind of graphics processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Default)]
#[serde(rename_all = "UPPERCASE")]
pub enum GpuType {
    /// NVIDIA L4.
    L4,
    /// NVIDIA A100.
    #[default]
    A100,
}

/// How machines with graphics processors are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GpuProvisioning {
    /// When there are some to spare.
    #[default]
    Spot,
    /// At once.
    OnDemand,
    /// Later, for a limited time.
    FlexStart,
}

/// How machines without graphics processors are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CpuProvisioning {
    /// When there are some to spare.
    #[default]
    Spot,
    /// At once.
    OnDemand,
}

/// The longest run of flex start when nothing else is said, in minutes.
const FLEX_START: u32 = 720;

impl Default for Pipeline {
    fn default() -> Self {
        Self { gpu: Gpu::default(), cpu: Cpu::default(), node_acquisition_timeout_minutes: 30 }
    }
}

impl Default for Gpu {
    fn default() -> Self {
        Self {
            gpu_type: GpuType::default(),
            provisioning_mode: GpuProvisioning::default(),
            max_gpus_per_slide: 1,
            flex_start_max_run_duration_minutes: None,
        }
    }
}

impl Gpu {
    /// Machines of flex start, for at most so many minutes; 720 when nothing is said.
    #[must_use]
    pub fn flex_start(self, minutes: Option<u32>) -> Self {
        let flex_start_max_run_duration_minutes = Some(minutes.unwrap_or(FLEX_START));
        Self { provisioning_mode: GpuProvisioning::FlexStart, flex_start_max_run_duration_minutes, ..self }
    }
}
