//! What a request to the loopback listener means: the genuine answer of the authorization server, or noise.
//!
//! Anybody can send requests to a port of this machine: web pages, port scanners, browsers that ask for an icon. Only
//! one that carries our `state` says anything (RFC 6749 section 10.12); everything else is answered and forgotten.

use url::{Url, form_urlencoded};

/// What is expected of the genuine callback.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) redirect: &'a Url,
    pub(crate) state: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) issuer_required: bool,
}

/// What a request turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Callback {
    /// The genuine answer: a code.
    Code(String),
    /// The genuine answer: no.
    Refused(String),
    /// Nothing to do with this sign-in.
    Noise,
}

impl Expected<'_> {
    /// Reads the head of an HTTP request.
    pub(crate) fn read(&self, head: &str) -> Callback {
        let mut lines = head.split("\r\n");
        let target = lines.next().and_then(target);
        let hosts: Vec<&str> = lines.filter_map(host).collect();
        match (target, hosts.as_slice()) {
            (Some(target), [host]) if self.is_for_us(host) => self.query(target).unwrap_or(Callback::Noise),
            _ => Callback::Noise,
        }
    }

    /// Reads an address that a person pasted.
    pub(crate) fn pasted(&self, text: &str) -> Callback {
        let Ok(url) = Url::parse(text.trim()) else { return Callback::Noise };
        let query = url.query().unwrap_or_default();
        self.query(&format!("{}?{query}", url.path())).unwrap_or(Callback::Noise)
    }

    /// A page that rebinds its name to 127.0.0.1 sends its own name here.
    fn is_for_us(&self, host: &str) -> bool {
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        let loopback = ["127.0.0.1", "[::1]"].contains(&name) || name.eq_ignore_ascii_case("localhost");
        loopback && port.parse().ok() == self.redirect.port_or_known_default()
    }

    fn query(&self, target: &str) -> Option<Callback> {
        let (path, query) = target.split_once('?')?;
        let parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if path != self.redirect.path() || !same(&once(&parameters, "state")?, self.state) {
            return None;
        }
        match once(&parameters, "iss") {
            Some(issuer) if issuer != self.issuer => return None,
            None if self.issuer_required || names(&parameters, "iss") => return None,
            _ => {}
        }
        match (once(&parameters, "code"), once(&parameters, "error")) {
            (Some(code), None) if !names(&parameters, "error") && !code.is_empty() => Some(Callback::Code(code)),
            (None, Some(error)) if !names(&parameters, "code") => Some(Callback::Refused(error)),
            _ => None,
        }
    }
}

/// The target of a GET request line.
fn target(line: &str) -> Option<&str> {
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("GET"), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) if target.starts_with('/') => Some(target),
        _ => None,
    }
}

fn host(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case("host").then(|| value.trim())
}

/// The value of a parameter that is there exactly once (RFC 6749 section 3.1).
fn once(parameters: &[(String, String)], name: &str) -> Option<String> {
    let mut values = parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then(|| value.clone())
}

fn names(parameters: &[(String, String)], name: &str) -> bool {
    parameters.iter().any(|(key, _)| key == name)
}

/// Compares without telling by its duration where the difference is.
fn same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |differences, (a, b)| differences | (a ^ b));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Callback {
        expected(false).read(head)
    }

    fn expected(issuer_required: bool) -> Expected<'static> {
        let redirect = Box::leak(Box::new(Url::parse("http://127.0.0.1:8989/callback").unwrap()));
        Expected { redirect, state: "STATE", issuer: "https://issuer/", issuer_required }
    }

    fn get(query: &str) -> String {
        format!("GET /callback?{query} HTTP/1.1\r\nHost: 127.0.0.1:8989\r\n\r\n")
    }

    #[test]
    fn the_genuine_answer_is_understood() {
        assert_eq!(read(&get("code=abc&state=STATE")), Callback::Code("abc".into()));
        assert_eq!(read(&get("state=STATE&code=a%2Bb&iss=https%3A%2F%2Fissuer%2F")), Callback::Code("a+b".into()));
        assert_eq!(read(&get("state=STATE&error=access_denied")), Callback::Refused("access_denied".into()));
        let local = "GET /callback?code=abc&state=STATE HTTP/1.1\r\nhost: localhost:8989\r\n\r\n";
        assert_eq!(read(local), Callback::Code("abc".into()));
    }

    #[test]
    fn everything_else_is_noise() {
        let queries = [
            "",
            "code=abc",
            "code=abc&state=",
            "code=abc&state=state",
            "code=abc&state=STATE2",
            "code=abc&state=STAT",
            "code=abc&state=STATE&state=STATE",
            "code=abc&code=def&state=STATE",
            "code=abc&error=access_denied&state=STATE",
            "code=abc&error=a&error=b&state=STATE",
            "error=access_denied",
            "error=access_denied&state=OTHER",
            "code=&state=STATE",
            "state=STATE",
            "code=abc&state=STATE&iss=https%3A%2F%2Fevil%2F",
            "code=abc&state=STATE&iss=https%3A%2F%2Fissuer",
            "code=abc&state=STATE&iss=https%3A%2F%2Fissuer%2F&iss=x",
        ];
        for query in queries {
            assert_eq!(read(&get(query)), Callback::Noise, "{query}");
        }
        let good = "/callback?code=abc&state=STATE";
        for head in [
            format!("POST {good} HTTP/1.1\r\nHost: 127.0.0.1:8989\r\n\r\n"),
            format!("HEAD {good} HTTP/1.1\r\nHost: 127.0.0.1:8989\r\n\r\n"),
            format!("GET {good} HTTP/1.1\r\n\r\n"),
            format!("GET {good} HTTP/1.1\r\nHost: evil.example:8989\r\n\r\n"),
            format!("GET {good} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
            format!("GET {good} HTTP/1.1\r\nHost: 127.0.0.1:8989\r\nHost: evil.example\r\n\r\n"),
            format!("GET http://evil{good} HTTP/1.1\r\nHost: 127.0.0.1:8989\r\n\r\n"),
            format!("GET {good} extra HTTP/1.1\r\nHost: 127.0.0.1:8989\r\n\r\n"),
            format!("GET {good}\r\nHost: 127.0.0.1:8989\r\n\r\n"),
            "GET /other?code=abc&state=STATE HTTP/1.1\r\nHost: 127.0.0.1:8989\r\n\r\n".into(),
            "GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:8989\r\n\r\n".into(),
            String::new(),
            "\0\0\0".into(),
        ] {
            assert_eq!(read(&head), Callback::Noise, "{head}");
        }
    }

    #[test]
    fn a_server_that_promised_its_name_must_say_it() {
        assert_eq!(expected(true).read(&get("code=abc&state=STATE")), Callback::Noise);
        let named = get("code=abc&state=STATE&iss=https%3A%2F%2Fissuer%2F");
        assert_eq!(expected(true).read(&named), Callback::Code("abc".into()));
    }

    #[test]
    fn a_pasted_address_counts_like_a_request() {
        let pasted = |text| expected(false).pasted(text);
        assert_eq!(pasted(" http://127.0.0.1:8989/callback?code=abc&state=STATE\n"), Callback::Code("abc".into()));
        for noise in ["", "abc", "http://127.0.0.1:8989/callback?code=abc&state=OTHER"] {
            assert_eq!(pasted(noise), Callback::Noise);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_noise_or_carries_the_state(head in "(GET )?[/?&=%a-zA-Z0-9 .:\r\n]{0,200}") {
            proptest::prop_assert!(read(&head) == Callback::Noise || head.contains("STATE"));
        }

        #[test]
        fn any_query_without_the_state_is_noise(query in "[^#\r\n ]{0,200}") {
            proptest::prop_assume!(!query.contains("STATE"));
            proptest::prop_assert_eq!(read(&get(&query)), Callback::Noise);
        }
    }
}
