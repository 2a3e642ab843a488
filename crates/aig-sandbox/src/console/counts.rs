//! The readout's CSV as a small table with bars.

use maud::{Markup, html};

use super::html::{
    Column::{self, Number, Text},
    given, table,
};

const COLUMNS: [Column; 5] =
    [Text("Class"), Number("Features"), Number("Area µm²"), Number("Share of slide"), Text("")];

/// One class of the readout.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    count: u64,
    area_um2: f64,
    percent: f64,
}

/// Rows that are none of the readout's are left out.
fn rows(csv: &str) -> Vec<Row> {
    csv.lines().skip(1).filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.trim_end().split(',');
    let name = cells.next()?.to_owned();
    let count = cells.next()?.parse().ok()?;
    Some(Row { name, count, area_um2: cells.next()?.parse().ok()?, percent: cells.next()?.parse().ok()? })
}

pub(super) fn chart(csv: &str) -> Markup {
    let rows = rows(csv);
    let body = html! {
        @for row in &rows {
            tr {
                th scope="row" { (given(&row.name)) }
                td.number { (row.count) }
                td.number { (format!("{:.0}", row.area_um2)) }
                td.number { (format!("{:.1} %", row.percent)) }
                td.share { (bar(row.percent)) }
            }
        }
    };
    table("Readout", &COLUMNS, &body)
}

fn bar(percent: f64) -> Markup {
    let width = percent.clamp(0.0, 100.0);
    html! {
        svg.bar aria-hidden="true" viewBox="0 0 100 1" preserveAspectRatio="none" {
            rect.filled width=(width) height="1" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_readout_are_read_and_others_left_out() {
        let csv = "class_name,feature_count,area_um2,area_percent\r\nTissue,3,12.5,40.000\r\nbroken\r\n<b>,1,x,2\r\n";
        let tissue = Row { name: "Tissue".into(), count: 3, area_um2: 12.5, percent: 40.0 };
        assert_eq!(rows(csv), [tissue]);
    }
}
