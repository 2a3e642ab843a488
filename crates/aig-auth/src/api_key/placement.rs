//! Where in the request the key stands, and the request that comes of it.

use ::http::{HeaderName, HeaderValue, Method, Request, header};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use crate::{AuthError, Secret};

/// Where in the POST to the token endpoint the API key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPlacement {
    /// A member of a JSON object: `{"api_key": "…"}` by default.
    JsonMember(String),
    /// A field of a form.
    FormField(String),
    /// A header of its own, as in `x-api-key: …`; other parameters go into a JSON object.
    Header(String),
    /// `authorization: Bearer …`; other parameters go into a JSON object.
    Bearer,
}

impl Default for KeyPlacement {
    fn default() -> Self {
        Self::JsonMember("api_key".into())
    }
}

/// Names and values that are sent beside the key.
pub(super) type Parameters = [(String, String)];

impl KeyPlacement {
    /// The request that presents `key` at `url`.
    pub(super) fn request(
        &self,
        url: &Url,
        key: &Secret,
        parameters: &Parameters,
    ) -> Result<Request<Vec<u8>>, AuthError> {
        let mut request = match self {
            Self::JsonMember(member) => json(parameters, Some((member, key)))?,
            Self::FormField(field) => form(parameters, field, key),
            Self::Header(name) => with_header(json(parameters, None)?, name, key.expose())?,
            Self::Bearer => {
                let value = Secret::new(format!("Bearer {}", key.expose()));
                with_header(json(parameters, None)?, header::AUTHORIZATION.as_str(), value.expose())?
            }
        };
        *request.method_mut() = Method::POST;
        *request.uri_mut() =
            url.as_str().parse().map_err(|_| AuthError::setup("the token endpoint has a URL that cannot be sent"))?;
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Ok(request)
    }
}

fn json(parameters: &Parameters, key: Option<(&String, &Secret)>) -> Result<Request<Vec<u8>>, AuthError> {
    let text = |text: &str| Value::String(text.to_owned());
    let mut members: Map<_, _> = parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    members.extend(key.map(|(name, key)| (name.clone(), text(key.expose()))));
    let body = serde_json::to_vec(&members).map_err(|_| AuthError::setup("the API key cannot be written as JSON"))?;
    Ok(with_body(body, "application/json"))
}

fn form(parameters: &Parameters, field: &str, key: &Secret) -> Request<Vec<u8>> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .append_pair(field, key.expose())
        .finish();
    with_body(body.into_bytes(), "application/x-www-form-urlencoded")
}

fn with_body(body: Vec<u8>, content_type: &'static str) -> Request<Vec<u8>> {
    let mut request = Request::new(body);
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    request
}

fn with_header(mut request: Request<Vec<u8>>, name: &str, value: &str) -> Result<Request<Vec<u8>>, AuthError> {
    let name = HeaderName::try_from(name)
        .map_err(|_| AuthError::setup("the header for the API key has a name that cannot be sent"))?;
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| AuthError::setup("the API key has a character that cannot be sent in a header"))?;
    value.set_sensitive(true);
    request.headers_mut().insert(name, value);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(placement: &KeyPlacement, key: &str, parameters: &Parameters) -> Result<Request<Vec<u8>>, AuthError> {
        placement.request(&Url::parse("https://a.example/token").unwrap(), &Secret::new(key), parameters)
    }

    fn body(placement: &KeyPlacement) -> (String, String) {
        let request = request(placement, "k&\"1", &[("grant".into(), "a b".into())]).unwrap();
        assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/token"));
        let content_type = request.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        (content_type, String::from_utf8(request.into_body()).unwrap())
    }

    #[test]
    fn the_key_stands_where_it_was_asked_for() {
        let json = |body: &str| ("application/json".to_owned(), body.to_owned());
        assert_eq!(body(&KeyPlacement::default()), json(r#"{"api_key":"k&\"1","grant":"a b"}"#));
        assert_eq!(body(&KeyPlacement::Header("x-api-key".into())), json(r#"{"grant":"a b"}"#));
        assert_eq!(body(&KeyPlacement::Bearer), json(r#"{"grant":"a b"}"#));
        let form = ("application/x-www-form-urlencoded".to_owned(), "grant=a+b&key=k%26%221".to_owned());
        assert_eq!(body(&KeyPlacement::FormField("key".into())), form);
    }

    #[test]
    fn a_key_in_a_header_is_not_shown() {
        for (placement, name, value) in [
            (KeyPlacement::Header("X-Api-Key".into()), "x-api-key", "canary"),
            (KeyPlacement::Bearer, "authorization", "Bearer canary"),
        ] {
            let request = request(&placement, "canary", &[]).unwrap();
            assert_eq!(request.headers()[name], value);
            assert!(!format!("{request:?}").contains("canary"));
        }
    }

    #[test]
    fn what_cannot_be_sent_is_an_error_without_the_key() {
        for placement in [KeyPlacement::Header("x-api-key".into()), KeyPlacement::Bearer] {
            let error = request(&placement, "canary\r\nX-Evil: 1", &[]).unwrap_err();
            assert!(error.to_string().contains("cannot be sent") && !error.to_string().contains("canary"), "{error}");
        }
        assert!(request(&KeyPlacement::Header("no spaces".into()), "k", &[]).is_err());
    }
}
