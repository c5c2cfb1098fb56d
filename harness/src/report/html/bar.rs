//! A bar of parts, drawn to scale.

use std::fmt::Write;

/// How wide the drawing is, in its own units.
const WIDTH: usize = 1000;

/// The bar: each part has the colour of its name.
pub(super) fn svg(parts: &[(&str, usize)]) -> String {
    let all: usize = parts.iter().map(|(_, count)| count).sum();
    let mut text = format!(
        "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
        said(parts)
    );
    let mut before = 0;
    for (name, count) in parts.iter().filter(|(_, count)| *count > 0) {
        let (start, end) = (before * WIDTH / all, (before + count) * WIDTH / all);
        before += count;
        let width = (end - start).max(4);
        write!(
            text,
            "<rect class=\"{name}\" x=\"{start}\" width=\"{width}\" height=\"10\"/>"
        )
        .unwrap_or_default();
    }
    text + "</svg>"
}

/// `3 upheld, 1 broken`
pub(super) fn said(parts: &[(&str, usize)]) -> String {
    let parts = parts.iter().map(|(name, count)| format!("{count} {name}"));
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_drawn_to_scale_and_a_small_one_is_seen() {
        let text = svg(&[("upheld", 3), ("broken", 1), ("info", 0)]);
        assert!(text.contains("<rect class=\"upheld\" x=\"0\" width=\"750\" height=\"10\"/>"));
        assert!(text.contains("<rect class=\"broken\" x=\"750\" width=\"250\" height=\"10\"/>"));
        assert!(!text.contains("class=\"info\""));
        assert!(svg(&[("upheld", 9999), ("broken", 1)]).contains("width=\"4\""));
        assert!(!svg(&[("upheld", 0)]).contains("rect"));
    }
}
