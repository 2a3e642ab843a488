//! The outline of a region: closed rings along the sides of its cells, exact by construction.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

use super::grid::Region;

/// A polygon: the outer ring first, then its holes. Every ring ends where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outline {
    pub(crate) rings: Vec<Vec<[f64; 2]>>,
}

type Point = (usize, usize);

impl Outline {
    /// Around the cells of a region, in units of `scale`.
    pub(super) fn around(region: &Region, scale: f64) -> Self {
        let mut rings = rings(region);
        // The outer ring is the one whose area is largest: it encloses the others.
        rings.sort_by_key(|ring| Reverse(double_area(ring).abs()));
        let place = |(x, y): &Point| [round(*x as f64 * scale), round(*y as f64 * scale)];
        Self { rings: rings.iter().map(|ring| ring.iter().map(place).collect()).collect() }
    }

    /// The area inside the outer ring and outside the holes.
    pub(crate) fn area(&self) -> f64 {
        let mut areas = self.rings.iter().map(|ring| shoelace(ring).abs());
        areas.next().unwrap_or(0.0) - areas.sum::<f64>()
    }
}

/// A hundredth of a pixel is finer than any scanner.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn shoelace(ring: &[[f64; 2]]) -> f64 {
    ring.windows(2).map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]).sum::<f64>() / 2.0
}

fn double_area(ring: &[Point]) -> i64 {
    let cross = |a: Point, b: Point| (a.0 * b.1) as i64 - (b.0 * a.1) as i64;
    ring.windows(2).map(|pair| cross(pair[0], pair[1])).sum()
}

/// Walks along the sides between the region and the rest. Without corner contacts each corner has one way on.
fn rings(region: &Region) -> Vec<Vec<Point>> {
    let mut sides = sides(region);
    let mut rings = Vec::new();
    while let Some((start, mut at)) = sides.pop_first() {
        let mut ring = vec![start];
        while at != start {
            push_corner(&mut ring, at);
            let Some(next) = sides.remove(&at) else { break };
            at = next;
        }
        push_corner(&mut ring, start);
        rings.push(ring);
    }
    rings
}

/// The sides of the region's cells that face outwards, each from corner to corner with the region on the right.
fn sides(region: &Region) -> BTreeMap<Point, Point> {
    let inside: HashSet<Point> = region.cells.iter().copied().collect();
    let mut sides = BTreeMap::new();
    for &(x, y) in &region.cells {
        let around = [
            ((x, y.wrapping_sub(1)), (x, y), (x + 1, y)),
            ((x + 1, y), (x + 1, y), (x + 1, y + 1)),
            ((x, y + 1), (x + 1, y + 1), (x, y + 1)),
            ((x.wrapping_sub(1), y), (x, y + 1), (x, y)),
        ];
        for (neighbour, from, to) in around {
            if !inside.contains(&neighbour) {
                sides.insert(from, to);
            }
        }
    }
    sides
}

/// Points on a straight line are left out.
fn push_corner(ring: &mut Vec<Point>, point: Point) {
    if let [.., before, last] = ring.as_slice()
        && ((before.0 == last.0 && last.0 == point.0) || (before.1 == last.1 && last.1 == point.1))
    {
        ring.pop();
    }
    ring.push(point);
}

#[cfg(test)]
mod tests {
    use super::{super::grid::drawn, *};

    fn outline(picture: &[&str]) -> Outline {
        Outline::around(&drawn(picture).regions(1)[0], 2.0)
    }

    #[test]
    fn a_square_has_four_corners_and_closes() {
        let square = outline(&["##", "##"]);
        assert_eq!(square.rings, [vec![[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]]);
        assert_eq!(square.area(), 16.0);
    }

    #[test]
    fn a_hole_is_a_second_ring_and_no_area() {
        let ring = outline(&["###", "#.#", "###"]);
        assert_eq!(ring.rings.len(), 2);
        assert_eq!(ring.area(), 32.0);
    }
}
