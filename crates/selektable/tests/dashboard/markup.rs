//! What holds for every page: it is well formed, one heading names it, every field has a label, and nothing in it
//! would need a hole in the content security policy.

use std::collections::{BTreeMap, BTreeSet};

const VOID: [&str; 8] = ["meta", "link", "input", "br", "hr", "img", "path", "rect"];

struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    closes: bool,
    alone: bool,
}

/// Every tag in its order; text is skipped.
fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if rest.starts_with('!') {
            continue;
        }
        let mut quoted = false;
        let end = rest
            .char_indices()
            .find(|(_, letter)| {
                quoted ^= *letter == '"';
                *letter == '>' && !quoted
            })
            .map(|(place, _)| place)
            .expect("a tag ends");
        found.push(read(&rest[..end]));
        rest = &rest[end + 1..];
    }
    found
}

fn read(tag: &str) -> Tag {
    let closes = tag.starts_with('/');
    let alone = tag.ends_with('/');
    let tag = tag.trim_matches('/');
    let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let key_end = rest.find(|letter: char| letter == '=' || letter.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..key_end].to_owned();
        rest = &rest[key_end..];
        let value = if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').expect("a quote ends");
            rest = &quoted[end + 1..];
            quoted[..end].to_owned()
        } else {
            assert!(!rest.starts_with('='), "an attribute without quotes: {tag}");
            String::new()
        };
        assert!(attributes.insert(key.clone(), value).is_none(), "{key} twice in {tag}");
    }
    Tag { name: name.to_owned(), attributes, closes, alone }
}

/// Panics with what is wrong with a page.
pub(crate) fn check(path: &str, html: &str) {
    let tags = tags(html);
    balanced(path, &tags);
    let opening: Vec<&Tag> = tags.iter().filter(|tag| !tag.closes).collect();
    let of = |name: &str| opening.iter().filter(|tag| tag.name == name).count();
    assert_eq!((of("h1"), of("main")), (1, 1), "{path}: one heading, one main part");
    let head = html.split("</head>").next().unwrap_or_default();
    assert_eq!(head.matches("<title>").count(), 1, "{path}: one title");
    assert_eq!(of("style"), 0, "{path}: a style of its own");
    let mut ids = BTreeSet::new();
    for tag in &opening {
        for (key, value) in &tag.attributes {
            assert!(key != "style" && !key.starts_with("on"), "{path}: {key} in {}", tag.name);
            assert!(!value.trim_start().starts_with("javascript:"), "{path}: a script in {key}");
        }
        assert!(tag.name != "script" || tag.attributes.contains_key("src"), "{path}: a script of its own");
        if let Some(id) = tag.attributes.get("id") {
            assert!(ids.insert(id.clone()), "{path}: the id {id} stands twice");
        }
    }
    labelled(path, &opening);
    referenced(path, &opening, &ids);
}

fn balanced(path: &str, tags: &[Tag]) {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags.iter().filter(|tag| !tag.alone && !VOID.contains(&tag.name.as_str())) {
        if tag.closes {
            let last = open.pop();
            assert_eq!(last, Some(tag.name.as_str()), "{path}: </{}> closes {last:?} in {open:?}", tag.name);
        } else {
            open.push(&tag.name);
        }
    }
    assert!(open.is_empty(), "{path}: {open:?} stay open");
}

fn labelled(path: &str, opening: &[&Tag]) {
    let labels: BTreeSet<&str> = opening
        .iter()
        .filter(|tag| tag.name == "label")
        .filter_map(|tag| tag.attributes.get("for").map(String::as_str))
        .collect();
    for field in opening.iter().filter(|tag| ["input", "select", "textarea"].contains(&tag.name.as_str())) {
        let attribute = |name: &str| field.attributes.get(name).map(String::as_str);
        let hidden = attribute("type") == Some("hidden");
        let named =
            attribute("id").is_some_and(|id| labels.contains(id)) || attribute("aria-label").is_some();
        assert!(hidden || named, "{path}: {:?} has no label", field.attributes);
    }
}

fn referenced(path: &str, opening: &[&Tag], ids: &BTreeSet<String>) {
    for name in ["for", "aria-labelledby", "aria-describedby", "list"] {
        for value in opening.iter().filter_map(|tag| tag.attributes.get(name)) {
            for id in value.split(' ') {
                assert!(ids.contains(id), "{path}: {name} names {id}, which is not there");
            }
        }
    }
}
