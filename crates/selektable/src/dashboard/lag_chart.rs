//! Time to conversion as bars, as SVG: pure values in, markup out. The bars are of unequal length of time, shorter
//! ones first, so each names its own end; the window is a line where it cuts them.

use std::fmt::Write as _;

use selektable_domain::report::lag::LagBar;
use selektable_domain::time::{DAY_MS, HOUR_MS};

use super::chart::{AXIS_HEIGHT, Size, axis, patterns, place, real, rect, scale_max};
use super::format::{integer, window};
use super::parts::Markup;

/// Room for "window 365 days".
const NAME_WIDTH: f64 = 120.0;

/// Draws the curve with the window marked.
#[must_use]
pub(crate) fn draw(bars: &[LagBar], window_ms: i64, size: Size) -> Markup {
    let layout = size.layout();
    let panel = layout.upper;
    let height = panel.bottom() + AXIS_HEIGHT;
    let (chart, width) = (layout.name, layout.width);
    let mut svg = String::with_capacity(bars.len() * 400);
    // Writing to a String can't fail.
    let _ = write!(
        svg,
        r#"<svg class="chart chart-{chart}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="Conversions by the time since their visualization, with the attribution window marked. The table below has the numbers.">"#,
    );
    // Ids differ from those of the other charts, should a page ever hold both.
    let name = format!("lag-{chart}");
    patterns(&mut svg, &name);
    let max = scale_max(bars.iter().map(|bar| bar.direct + bar.other).max().unwrap_or(0));
    axis(&mut svg, &layout, panel, "Conversions", max);
    let step = (layout.width - layout.left) / place(bars.len().max(1));
    for (index, bar) in bars.iter().enumerate() {
        let x = layout.left + step * place(index);
        let (left, wide) = (x + step * 0.14, step * 0.72);
        let past = if bar.up_to_ms > window_ms { " past" } else { "" };
        let _ = write!(
            svg,
            r#"<g class="column{past}"><title>within {end}: {direct} with a bought product visualized, {other} with another one</title><rect class="hit" x="{x:.2}" y="{top}" width="{step:.2}" height="{high}"/>"#,
            end = window(bar.up_to_ms),
            direct = integer(bar.direct),
            other = integer(bar.other),
            top = panel.top,
            high = panel.height,
        );
        let (low, middle, high) =
            (panel.y(0, max), panel.y(bar.direct, max), panel.y(bar.direct + bar.other, max));
        rect(&mut svg, "direct", "", left, wide, low, middle);
        rect(&mut svg, "assisted", &format!(" fill=\"url(#assisted-{name})\""), left, wide, middle, high);
        svg.push_str("</g>");
        if size == Size::Wide || index % 3 == 2 || index == 0 {
            let (x, y) = (x + step / 2.0, panel.bottom() + 18.0);
            let label = short(bar.up_to_ms);
            let _ =
                write!(svg, r#"<text class="tick" x="{x:.1}" y="{y}" text-anchor="middle">{label}</text>"#);
        }
    }
    if let Some(at) = cut(bars, window_ms) {
        mark(&mut svg, layout.left + step * at, width, panel.top, panel.bottom(), window_ms);
    }
    svg.push_str("</svg>");
    Markup(svg)
}

/// Where the window cuts the bars, in bars from the left; `None` past the last one.
fn cut(bars: &[LagBar], window_ms: i64) -> Option<f64> {
    let index = bars.iter().position(|bar| bar.up_to_ms >= window_ms)?;
    let begin = if index == 0 { 0 } else { bars[index - 1].up_to_ms };
    let (into, length) = (window_ms - begin, bars[index].up_to_ms - begin);
    Some(place(index) + real(into.max(0).unsigned_abs()) / real(length.max(1).unsigned_abs()))
}

fn mark(svg: &mut String, x: f64, width: f64, top: f64, bottom: f64, window_ms: i64) {
    // Left of the line only where there is no room to its right: the chart's name stands at the left end.
    let (text_x, anchor) = if x + NAME_WIDTH > width { (x - 6.0, "end") } else { (x + 6.0, "start") };
    let _ = write!(
        svg,
        r#"<line class="window-line" x1="{x:.1}" x2="{x:.1}" y1="{top}" y2="{bottom}"/><text class="window-name" x="{text_x:.1}" y="{y}" text-anchor="{anchor}">window {name}</text>"#,
        y = top - 10.0,
        name = window(window_ms),
    );
}

/// The end of a bar for an axis: `6 h`, `21 d`.
fn short(millis: i64) -> String {
    if millis >= DAY_MS { format!("{} d", millis / DAY_MS) } else { format!("{} h", millis / HOUR_MS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars() -> [LagBar; 3] {
        [(HOUR_MS, 4, 0), (DAY_MS, 1, 1), (3 * DAY_MS, 0, 2)].map(|(up_to_ms, direct, other)| LagBar {
            up_to_ms,
            direct,
            other,
        })
    }

    #[test]
    fn the_window_cuts_the_bars_where_it_ends() {
        assert_eq!(cut(&bars(), DAY_MS), Some(2.0));
        assert_eq!(cut(&bars(), 2 * DAY_MS), Some(2.5));
        assert_eq!(cut(&bars(), 4 * DAY_MS), None);
        assert_eq!(cut(&[], DAY_MS), None);
    }

    #[test]
    fn bars_past_the_window_are_marked_and_every_bar_has_its_numbers() {
        let Markup(svg) = draw(&bars(), DAY_MS, Size::Wide);
        assert_eq!(svg.matches("column past").count(), 1, "{svg}");
        assert!(svg.contains("within 1 day: 1 with a bought product visualized, 1 with another one"));
        assert!(svg.contains(">window 1 day<") && !svg.contains("style=") && !svg.contains("NaN"));
        let Markup(none) = draw(&[], DAY_MS, Size::Narrow);
        assert!(!none.contains("NaN") && !none.contains("inf"));
    }
}
