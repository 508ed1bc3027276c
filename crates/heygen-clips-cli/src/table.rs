//! A plain text table, for results that are read by people.

/// Lines up rows under their headings; columns named in `right` are set flush right.
pub(crate) fn render(headings: &[&str], right: &[usize], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|text| text.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> = cells
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| {
                if right.contains(&column) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut headings.iter().copied())];
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn columns_line_up() {
        let rows =
            [["a.mp4", "7.0"], ["longer.mp4", "12.5"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            render(&["file", "s"], &[1], &rows),
            "file           s\na.mp4        7.0\nlonger.mp4  12.5"
        );
    }
}
