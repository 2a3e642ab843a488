//! Texts that must be something: whole numbers, UUIDs, instants, URLs, words of a list.

use aig_codegen::{Bound, Limits};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::Mistake;

pub(super) fn uuid(text: &str) -> Result<(), Mistake> {
    let Err(error) = Uuid::parse_str(text) else { return Ok(()) };
    let error = error.to_string();
    Err(Mistake::new("uuid_parsing", format!("Input should be a valid UUID, {error}")).with(json!({"error": error})))
}

pub(super) fn integer(text: &str, limits: &Limits) -> Result<(), Mistake> {
    let Ok(number) = text.parse::<i128>() else {
        let message = "Input should be a valid integer, unable to parse string as an integer";
        return Err(Mistake::new("int_parsing", message));
    };
    if i64::try_from(number).is_err() {
        let message = "Unable to parse input string as an integer, exceeded maximum size";
        return Err(Mistake::new("int_parsing_size", message));
    }
    match (limits.minimum, limits.maximum) {
        (Some(Bound::Whole(least)), _) if number < least => {
            let message = format!("Input should be greater than or equal to {least}");
            Err(Mistake::new("greater_than_equal", message).with(json!({"ge": least as i64})))
        }
        (_, Some(Bound::Whole(most))) if number > most => {
            let message = format!("Input should be less than or equal to {most}");
            Err(Mistake::new("less_than_equal", message).with(json!({"le": most as i64})))
        }
        _ => Ok(()),
    }
}

pub(super) fn boolean(text: &str) -> Result<(), Mistake> {
    let known = ["true", "false", "1", "0"];
    if known.contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    Err(Mistake::new("bool_parsing", "Input should be a valid boolean, unable to interpret input"))
}

/// A date is no instant here: the platform's instants have an offset.
pub(super) fn instant(text: &str) -> Result<(), Mistake> {
    if text.parse::<aig_codegen::Timestamp>().is_ok() {
        return Ok(());
    }
    let error = why_no_instant(text);
    let message = format!("Input should be a valid datetime or date, {error}");
    Err(Mistake::new("datetime_from_date_parsing", message).with(json!({"error": error})))
}

fn why_no_instant(text: &str) -> &'static str {
    let Some(day) = text.get(..10) else { return "input is too short" };
    let part = |range| day.get(range).and_then(|digits: &str| digits.parse::<u8>().ok());
    match (part(5..7), part(8..10)) {
        (None, _) | (_, None) => "invalid character in year",
        (Some(0 | 13..), _) => "month value is outside expected range of 1-12",
        _ if day.parse::<jiff::civil::Date>().is_err() => "day value is outside expected range",
        _ if text.len() == 10 => "an instant has a time and an offset from UTC",
        _ => "unexpected extra characters at the end of the input",
    }
}

/// As pydantic's `HttpUrl`, whose limits are those of the document.
pub(super) fn url(text: &str, most: usize) -> Result<(), Mistake> {
    if text.chars().count() > most {
        let message = format!("URL should have at most {most} characters");
        return Err(Mistake::new("url_too_long", message).with(json!({"max_length": most})));
    }
    let parsed = if text.is_empty() {
        Err("input is empty".to_owned())
    } else {
        Url::parse(text).map_err(|error| error.to_string())
    };
    match parsed {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        Ok(_) => Err(Mistake::new("url_scheme", "URL scheme should be 'http' or 'https'")
            .with(json!({"expected_schemes": "'http' or 'https'"}))),
        Err(error) => {
            Err(Mistake::new("url_parsing", format!("Input should be a valid URL, {error}"))
                .with(json!({"error": error})))
        }
    }
}

pub(super) fn length(text: &str, least: Option<usize>, most: Option<usize>) -> Result<(), Mistake> {
    let count = text.chars().count();
    match (least, most) {
        (Some(least), _) if count < least => Err(Mistake::too_short(least)),
        (_, Some(most)) if count > most => Err(Mistake::too_long(most)),
        _ => Ok(()),
    }
}

pub(super) fn one_of(text: Option<&str>, words: &[&str]) -> Result<(), Mistake> {
    if text.is_some_and(|text| words.contains(&text)) {
        return Ok(());
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let expected = match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => quoted.join(""),
    };
    Err(Mistake::new("enum", format!("Input should be {expected}")).with(json!({"expected": expected})))
}
