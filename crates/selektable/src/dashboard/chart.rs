//! Conversions and visualizations over time, as SVG: pure values in, markup out.
//!
//! Two panels share their time axis: conversions stacked by type above, visualizations below. Each has its own scale
//! from 0, because a second axis in one panel would invite comparing heights that mean different things. A page holds
//! the chart twice, wide and narrow, and the style sheet shows one: text keeps its size on a phone, and nothing moves
//! while loading. Types differ by colour and by pattern, so that print and every eye can tell them apart.

use std::fmt::Write as _;

use super::format::integer;
use super::parts::Markup;

/// One bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bar {
    /// For the axis, such as `23 Nov`.
    pub label: String,
    /// For the tooltip, such as `23 Nov 2026`.
    pub title: String,
    /// Where its rows are.
    pub href: String,
    /// Direct conversions.
    pub direct: u64,
    /// Assisted conversions.
    pub assisted: u64,
    /// Unattributed conversions.
    pub none: u64,
    /// Visualizations.
    pub visualizations: u64,
}

impl Bar {
    fn conversions(&self) -> u64 {
        self.direct + self.assisted + self.none
    }
}

/// For which width a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// A desk.
    Wide,
    /// A phone.
    Narrow,
}

/// Where things are drawn, in units that are about a pixel each.
pub(super) struct Layout {
    pub(super) name: &'static str,
    pub(super) width: f64,
    pub(super) left: f64,
    pub(super) upper: Panel,
    lower: Panel,
    labels_max: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub(super) top: f64,
    pub(super) height: f64,
}

impl Panel {
    pub(super) fn bottom(self) -> f64 {
        self.top + self.height
    }

    pub(super) fn y(self, value: u64, scale_max: u64) -> f64 {
        self.bottom() - self.height * real(value) / real(scale_max)
    }
}

impl Size {
    pub(super) const fn layout(self) -> Layout {
        match self {
            Self::Wide => Layout {
                name: "wide",
                width: 960.0,
                left: 40.0,
                upper: Panel { top: 24.0, height: 144.0 },
                lower: Panel { top: 208.0, height: 64.0 },
                labels_max: 10,
            },
            Self::Narrow => Layout {
                name: "narrow",
                width: 340.0,
                left: 32.0,
                upper: Panel { top: 24.0, height: 128.0 },
                lower: Panel { top: 192.0, height: 56.0 },
                labels_max: 4,
            },
        }
    }
}

pub(super) const AXIS_HEIGHT: f64 = 24.0;
const BAR_WIDTH_MAX: f64 = 40.0;

#[expect(clippy::cast_precision_loss, reason = "a pixel's place needs no 53 bits")]
pub(super) const fn real(value: u64) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "at most some thousand bars")]
pub(super) const fn place(index: usize) -> f64 {
    index as f64
}

/// Draws the chart.
#[must_use]
pub(crate) fn draw(bars: &[Bar], size: Size) -> Markup {
    let layout = size.layout();
    let height = layout.lower.bottom() + AXIS_HEIGHT;
    let mut svg = String::with_capacity(bars.len() * 600);
    // Writing to a String can't fail.
    let _ = write!(
        svg,
        r#"<svg class="chart chart-{name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="Conversions by type and visualizations over time. The table below has the numbers.">"#,
        name = layout.name,
        width = layout.width,
    );
    patterns(&mut svg, layout.name);
    let conversions_max = scale_max(bars.iter().map(Bar::conversions).max().unwrap_or(0));
    let visualizations_max = scale_max(bars.iter().map(|bar| bar.visualizations).max().unwrap_or(0));
    axis(&mut svg, &layout, layout.upper, "Conversions", conversions_max);
    axis(&mut svg, &layout, layout.lower, "Visualizations", visualizations_max);
    let step = (layout.width - layout.left) / place(bars.len().max(1));
    for (index, bar) in bars.iter().enumerate() {
        column(
            &mut svg,
            &layout,
            bar,
            layout.left + step * place(index),
            step,
            conversions_max,
            visualizations_max,
        );
    }
    time_axis(&mut svg, &layout, bars, step);
    svg.push_str("</svg>");
    Markup(svg)
}

/// The smallest of 1, 2, 5, 10, 20, 50 … that holds `value` in at most four equal steps of whole numbers.
pub(super) fn scale_max(value: u64) -> u64 {
    let step = step_of(value);
    step.saturating_mul(value.div_ceil(step).max(1))
}

fn step_of(value: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step.saturating_mul(4) >= value {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Ids are per chart: a reference into a chart that is not displayed would paint nothing.
pub(super) fn patterns(svg: &mut String, name: &str) {
    let _ = write!(
        svg,
        r#"<defs><pattern id="assisted-{name}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="assisted-ground" width="6" height="6"/><rect class="assisted-line" width="3" height="6"/></pattern></defs>"#
    );
}

pub(super) fn axis(svg: &mut String, layout: &Layout, panel: Panel, name: &str, max: u64) {
    let _ =
        write!(svg, r#"<text class="panel-name" x="{}" y="{}">{name}</text>"#, layout.left, panel.top - 10.0);
    // The lower panel is too low for every step of its scale.
    let step = if panel.height < 100.0 { max } else { step_of(max) };
    let mut value = 0;
    while value <= max {
        let y = panel.y(value, max);
        let _ = write!(
            svg,
            r#"<line class="rule" x1="{left}" x2="{right}" y1="{y:.1}" y2="{y:.1}"/><text class="tick" x="{x}" y="{text:.1}" text-anchor="end">{label}</text>"#,
            left = layout.left,
            right = layout.width,
            x = layout.left - 8.0,
            text = y + 4.0,
            label = short(value),
        );
        value += step;
    }
}

/// An axis has room for few digits: 1,200 is `1.2k`.
fn short(value: u64) -> String {
    let tenths = |unit: u64, letter: char| {
        let (whole, rest) = (value / unit, value % unit * 10 / unit);
        if rest == 0 { format!("{whole}{letter}") } else { format!("{whole}.{rest}{letter}") }
    };
    match value {
        0..1_000 => value.to_string(),
        1_000..1_000_000 => tenths(1_000, 'k'),
        1_000_000..1_000_000_000 => tenths(1_000_000, 'M'),
        _ => tenths(1_000_000_000, 'G'),
    }
}

fn column(
    svg: &mut String,
    layout: &Layout,
    bar: &Bar,
    x: f64,
    step: f64,
    conversions_max: u64,
    visualizations_max: u64,
) {
    let width = (step * 0.72).min(BAR_WIDTH_MAX);
    let left = x + (step - width) / 2.0;
    let _ = write!(
        svg,
        r#"<a class="column" href="{href}" tabindex="-1"><title>{title}: {direct} direct, {assisted} assisted, {none} not attributed; {visualizations} visualizations</title><rect class="hit" x="{x:.2}" y="{top}" width="{step:.2}" height="{height}"/>"#,
        href = escape(&bar.href),
        title = escape(&bar.title),
        direct = integer(bar.direct),
        assisted = integer(bar.assisted),
        none = integer(bar.none),
        visualizations = integer(bar.visualizations),
        top = layout.upper.top,
        height = layout.lower.bottom() - layout.upper.top,
    );
    let mut below = 0;
    let assisted_fill = format!(" fill=\"url(#assisted-{})\"", layout.name);
    for (class, fill, value) in [
        ("direct", "", bar.direct),
        ("assisted", assisted_fill.as_str(), bar.assisted),
        ("none", "", bar.none),
    ] {
        let (bottom, top) =
            (layout.upper.y(below, conversions_max), layout.upper.y(below + value, conversions_max));
        rect(svg, class, fill, left, width, bottom, top);
        below += value;
    }
    let panel = layout.lower;
    rect(svg, "seen", "", left, width, panel.bottom(), panel.y(bar.visualizations, visualizations_max));
    svg.push_str("</a>");
}

pub(super) fn rect(svg: &mut String, class: &str, fill: &str, left: f64, width: f64, bottom: f64, top: f64) {
    if bottom > top {
        let height = bottom - top;
        let _ = write!(
            svg,
            r#"<rect class="{class}"{fill} x="{left:.2}" y="{top:.2}" width="{width:.2}" height="{height:.2}"/>"#
        );
    }
}

fn time_axis(svg: &mut String, layout: &Layout, bars: &[Bar], step: f64) {
    let every = bars.len().div_ceil(layout.labels_max).max(1);
    for (index, bar) in bars.iter().enumerate().filter(|(index, _)| index % every == 0) {
        let middle = layout.left + step * (place(index) + 0.5);
        // The outermost labels lean inwards instead of being cut off.
        let (x, anchor) = if middle < layout.left + 24.0 {
            (layout.left, "start")
        } else if middle > layout.width - 24.0 {
            (layout.width, "end")
        } else {
            (middle, "middle")
        };
        let _ = write!(
            svg,
            r#"<text class="tick" x="{x:.1}" y="{y}" text-anchor="{anchor}">{label}</text>"#,
            y = layout.lower.bottom() + 18.0,
            label = escape(&bar.label),
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scales_have_round_steps_and_hold_their_value() {
        for (value, max, step) in [
            (0, 1, 1),
            (1, 1, 1),
            (4, 4, 1),
            (5, 6, 2),
            (9, 10, 5),
            (41, 60, 20),
            (99, 100, 50),
            (1_001, 1_500, 500),
        ] {
            assert_eq!((scale_max(value), step_of(value)), (max, step), "{value}");
        }
    }

    #[test]
    fn an_axis_writes_large_numbers_short() {
        assert_eq!([short(999), short(1_000), short(1_250), short(2_000_000)], ["999", "1k", "1.2k", "2M"]);
    }

    #[test]
    fn a_bar_is_as_high_as_its_number_and_leads_to_its_rows() {
        let bars = [
            Bar {
                direct: 2,
                assisted: 1,
                none: 1,
                href: "/x?a=1&b=2".into(),
                title: "<1>".into(),
                ..Bar::default()
            },
            Bar::default(),
        ];
        let Markup(svg) = draw(&bars, Size::Wide);
        let direct = r#"<rect class="direct" x="250.00" y="96.00" width="40.00" height="72.00"/>"#;
        assert!(svg.contains(direct), "{svg}");
        assert!(
            svg.contains("href=\"/x?a=1&amp;b=2\"") && svg.contains("&lt;1&gt;: 2 direct, 1 assisted, 1 not")
        );
        assert_eq!(svg.matches(r#"class="none""#).count(), 1, "nothing is drawn for 0");
        assert!(!svg.contains("style="));
    }

    proptest! {
        #[test]
        fn no_number_breaks_the_drawing(values in prop::collection::vec((0_u64..u64::MAX / 16, 0_u64..50), 0..100)) {
            let bars: Vec<Bar> = values.into_iter().map(|(direct, none)| Bar { direct, none, ..Bar::default() }).collect();
            let Markup(svg) = draw(&bars, Size::Narrow);
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
            prop_assert_eq!(svg.matches("<a ").count(), bars.len());
        }
    }
}
