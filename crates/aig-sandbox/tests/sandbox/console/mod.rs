//! The console's pages and forms over HTTP, without a browser.

mod forms;
mod pages;
mod safety;

use aig_sandbox::Sandbox;

use crate::wire::Wire;

/// Somebody with a browser on the console.
struct Visitor {
    wire: Wire,
    secret: String,
}

struct Page {
    status: u16,
    headers: http::HeaderMap,
    text: String,
}

impl Visitor {
    async fn new(sandbox: &Sandbox) -> Self {
        let mut visitor = Self { wire: Wire::new(sandbox).await, secret: String::new() };
        let page = visitor.look("/_sandbox/").await.text;
        let (_, rest) = page.split_once("name=\"form\" value=\"").unwrap();
        visitor.secret = rest.split('"').next().unwrap().to_owned();
        visitor
    }

    async fn look(&self, path: &str) -> Page {
        self.answer(self.wire.client.get(format!("{}{path}", self.wire.url))).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Page { status, headers, text: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned() }
    }

    fn form(&self, action: &str, fields: &[(&str, &str)], secret: &str) -> reqwest::RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("form", secret).extend_pairs(fields);
        let request = self.wire.client.post(format!("{}/_sandbox/forms/{action}", self.wire.url));
        request.header("content-type", "application/x-www-form-urlencoded").body(body.finish())
    }

    /// As a browser sends it.
    async fn send(&self, action: &str, fields: &[(&str, &str)]) -> Page {
        self.answer(self.form(action, fields, &self.secret).header("origin", &self.wire.url)).await
    }

    /// Sends a form that must be taken, and looks at the page it leads to.
    async fn done(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(action, fields).await;
        assert_eq!(answer.status, 303, "{action}: {}", answer.text);
        self.look(answer.headers["location"].to_str().unwrap()).await.text
    }
}

fn contains_all(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is not in {page}");
    }
}
