//! A grid of yes and no: what belongs together, and repairs that make outlines simple.

use std::collections::VecDeque;

/// Rows of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) width: usize,
    pub(super) height: usize,
    cells: Vec<bool>,
}

/// Cells that touch along sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    pub(super) cells: Vec<(usize, usize)>,
}

impl Grid {
    pub(super) fn new(width: usize, height: usize, yes: impl Fn(usize, usize) -> bool) -> Self {
        let cells = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| yes(x, y)).collect();
        Self { width, height, cells }
    }

    /// Outside the grid everything is "no".
    pub(super) fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && self.cells.get(y * self.width + x).copied().unwrap_or(false)
    }

    fn set(&mut self, x: usize, y: usize, value: bool) {
        if let Some(cell) = self.cells.get_mut(y * self.width + x) {
            *cell = value;
        }
    }

    /// Takes away cells with few neighbours and fills those with many: noise along the rim goes.
    pub(super) fn smoothed(&self) -> Self {
        Self::new(self.width, self.height, |x, y| {
            let around = (0..3).flat_map(|dy| (0..3).map(move |dx| (dx, dy)));
            around.filter(|(dx, dy)| x + dx > 0 && y + dy > 0 && self.get(x + dx - 1, y + dy - 1)).count() >= 5
        })
    }

    /// Fills a corner wherever cells touch only by their corners: no outline then meets itself.
    pub(super) fn without_corner_contacts(mut self) -> Self {
        let mut changed = true;
        while changed {
            changed = false;
            for y in 1..self.height {
                for x in 1..self.width {
                    let [a, b] = [self.get(x - 1, y - 1), self.get(x, y - 1)];
                    let [c, d] = [self.get(x - 1, y), self.get(x, y)];
                    if a == d && b == c && a != b {
                        self.set(x, y, true);
                        self.set(x - 1, y, true);
                        changed = true;
                    }
                }
            }
        }
        self
    }

    /// The regions with at least `least` cells, in reading order of their first cells.
    pub(super) fn regions(&self, least: usize) -> Vec<Region> {
        let mut open = self.clone();
        let mut regions = Vec::new();
        for y in 0..self.height {
            for x in 0..self.width {
                if open.get(x, y) {
                    let region = open.take_region(x, y);
                    if region.cells.len() >= least {
                        regions.push(region);
                    }
                }
            }
        }
        regions
    }

    fn take_region(&mut self, x: usize, y: usize) -> Region {
        let mut region = Region::default();
        let mut queue = VecDeque::from([(x, y)]);
        self.set(x, y, false);
        while let Some((x, y)) = queue.pop_front() {
            region.cells.push((x, y));
            for (x, y) in [(x + 1, y), (x.wrapping_sub(1), y), (x, y + 1), (x, y.wrapping_sub(1))] {
                if y < self.height && self.get(x, y) {
                    self.set(x, y, false);
                    queue.push_back((x, y));
                }
            }
        }
        region
    }
}

#[cfg(test)]
pub(super) fn drawn(picture: &[&str]) -> Grid {
    let width = picture[0].len();
    Grid::new(width, picture.len(), |x, y| picture[y].as_bytes()[x] == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_join_along_sides_only() {
        let sizes =
            |least| drawn(&["##..", "..#.", "..##"]).regions(least).iter().map(|r| r.cells.len()).collect::<Vec<_>>();
        assert_eq!(sizes(1), [2, 3]);
        assert_eq!(sizes(3), [3]);
    }

    #[test]
    fn corner_contacts_are_filled_until_none_is_left() {
        let grid = drawn(&["#...", ".#..", "..#.", "#..#"]).without_corner_contacts();
        for y in 1..4 {
            for x in 1..4 {
                let quad = [grid.get(x - 1, y - 1), grid.get(x, y - 1), grid.get(x - 1, y), grid.get(x, y)];
                assert!(quad != [true, false, false, true] && quad != [false, true, true, false]);
            }
        }
    }

    #[test]
    fn smoothing_drops_specks_and_fills_pin_holes() {
        let smooth = drawn(&["#.....", "..###.", "..#.#.", "..###."]).smoothed();
        assert!(!smooth.get(0, 0));
        assert!(smooth.get(3, 2));
    }
}
