//! From the common SQL to PostgreSQL's: `?1` is `$1`, `temp.` is `pg_temp.`, `main.` is the schema the tables stand in,
//! and `user`, a column of ours, is a word of the language there. What is a hint to SQLite alone (`INDEXED BY`, the
//! `CROSS` of a join with a condition) is left out. Everything else is written so that both understand it.

use std::fmt::Write;

/// Writes a statement as PostgreSQL takes it. A `+` before a column keeps an index of it from being taken, on either
/// engine; where tables are `distributed` it goes, because a condition has to name the column itself to tell the node.
pub(super) fn translate(sql: &str, schema: &str, distributed: bool) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '\'' | '"' => quoted(rest, first),
            '?' => 1,
            _ if first.is_ascii_alphabetic() || first == '_' => word(rest),
            _ => first.len_utf8(),
        };
        let (token, mut after) = rest.split_at(len);
        match token {
            "?" => out.push('$'),
            "+" if distributed && after.starts_with(|next: char| next.is_ascii_alphabetic()) => {}
            // Which index to take is a hint to the other engine.
            "INDEXED" => {
                let hint = after.trim_start().trim_start_matches("BY").trim_start();
                after = &hint[word(hint)..];
            }
            // The order of a join is no hint there, and a join with a condition is no cross join.
            "CROSS" if !after.starts_with(" JOIN LATERAL") => {}
            "user" => out.push_str("\"user\""),
            "temp" if after.starts_with('.') => out.push_str("pg_temp"),
            "main" if after.starts_with('.') => {
                // Writing to a String can't fail.
                let _ = write!(out, "\"{schema}\"");
            }
            other => out.push_str(other),
        }
        rest = after;
    }
    out
}

fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn parameters_words_and_schemas_are_translated_outside_of_quotes() {
        let common =
            "SELECT user, users, 'user ?1', temp.a, main.b, temporary FROM t WHERE a = ?12 AND \"user\" = ?1";
        let theirs = "SELECT \"user\", users, 'user ?1', pg_temp.a, \"public\".b, temporary FROM t \
                      WHERE a = $12 AND \"user\" = $1";
        assert_eq!(translate(common, "public", false), theirs);
    }

    #[test]
    fn a_condition_on_the_store_tells_the_node_where_there_are_several() {
        let common = "SELECT a + b FROM t WHERE number = ?1 AND +t.store = ?2 AND (+store = ?2)";
        let one = "SELECT a + b FROM t WHERE number = $1 AND +t.store = $2 AND (+store = $2)";
        assert_eq!(translate(common, "public", false), one);
        assert_eq!(translate(common, "public", true), one.replace("+t", "t").replace("+s", "s"));
    }
}
