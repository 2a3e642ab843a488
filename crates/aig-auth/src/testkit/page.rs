//! The pages that people see: plain HTML that works without scripts, escaped throughout, stored nowhere.

use std::{
    fmt::{self, Write as _},
    sync::LazyLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::{PendingDevice, Response, User, authorize::AuthorizeRequest, settings::Settings};

const STYLE: &str = include_str!("page.css");

/// The policy allows this one style sheet, by its hash, and nothing else.
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE)));

/// What a page says above its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    None,
    ChooseAccount,
    UnknownCode,
}

/// Text, safe inside an element and inside a quoted attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            // Controls and marks that turn the direction of text could make a page say something else.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_char('\u{fffd}'),
            letter if letter.is_control() => f.write_char(' '),
            letter => f.write_char(letter),
        })
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::ChooseAccount => f.write_str("<p class=\"notice\" role=\"alert\">Choose an account first.</p>"),
            Self::UnknownCode => f.write_str(
                "<p class=\"notice\" role=\"alert\">This code is not known, was answered before, or is too old.</p>",
            ),
        }
    }
}

/// `/authorize`: which account, and may the client?
pub(super) fn sign_in(settings: &Settings, request: &AuthorizeRequest, ticket: &str, notice: Notice) -> Response {
    let client = client_name(settings, &request.client_id);
    let users = settings.users.iter().filter(|user| user.belongs_to(request.organization.as_deref()));
    let body = format!(
        "<h1>Sign in</h1><p class=\"soft\">to continue to <strong>{client}</strong></p>{notice}\
         <form method=\"post\" action=\"/u/login\">{ticket}{accounts}{scope}{buttons}</form>",
        client = Escaped(client),
        ticket = hidden("ticket", ticket),
        accounts = accounts(users, request.login_hint.as_deref()),
        scope = scope_list(client, &request.scope),
        buttons = buttons("Allow", "Cancel"),
    );
    layout(settings, status(notice), "Sign in", &body, &format!("'self' {}", request.back.form_target()))
}

/// `/activate`: which device?
pub(super) fn enter_code(settings: &Settings, notice: Notice) -> Response {
    let body = format!(
        "<h1>Connect a device</h1><p class=\"soft\">Enter the code that the device shows.</p>{notice}\
         <form method=\"get\" action=\"/activate\"><p><label for=\"user_code\" class=\"head\">Code</label>\
         <input type=\"text\" id=\"user_code\" name=\"user_code\" required maxlength=\"16\" autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\" placeholder=\"XXXX-XXXX\"></p>\
         <div class=\"row\"><button class=\"main\">Continue</button></div></form>"
    );
    layout(settings, status(notice), "Connect a device", &body, "'self'")
}

/// `/activate` with a code: is it this device, which account, and may it? (RFC 8628 section 3.3.1)
pub(super) fn confirm_device(settings: &Settings, device: &PendingDevice, ticket: &str, notice: Notice) -> Response {
    let client = client_name(settings, &device.client_id);
    let body = format!(
        "<h1>Connect a device</h1><p class=\"soft\"><strong>{client}</strong> asks to sign in. Go on only if you \
         started this, and if the device shows this code:</p><p class=\"code\">{code}</p>{notice}\
         <form method=\"post\" action=\"/activate\">{ticket}{accounts}{scope}{buttons}</form>",
        client = Escaped(client),
        code = Escaped(&device.user_code),
        ticket = hidden("ticket", ticket),
        accounts = accounts(settings.users.iter(), None),
        scope = scope_list(client, &device.scope),
        buttons = buttons("Allow", "Refuse"),
    );
    layout(settings, status(notice), "Connect a device", &body, "'self'")
}

/// The end of a device's page.
pub(super) fn done(settings: &Settings, title: &'static str) -> Response {
    let body = format!("<h1>{title}</h1><p>You can close this page and go back to the device.</p>");
    layout(settings, 200, title, &body, "'none'")
}

/// Something that cannot be told to the client by a redirect.
pub(super) fn problem(settings: &Settings, what: &'static str) -> Response {
    let body = format!("<h1>This did not work</h1><p>{what}</p>");
    layout(settings, 400, "This did not work", &body, "'none'")
}

fn status(notice: Notice) -> u16 {
    if notice == Notice::None { 200 } else { 400 }
}

fn client_name<'a>(settings: &'a Settings, id: &'a str) -> &'a str {
    settings.client(id).map_or(id, |client| client.name())
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Escaped(value))
}

fn accounts<'a>(users: impl Iterator<Item = &'a User>, hint: Option<&str>) -> String {
    let mut html = String::from("<fieldset><legend>Choose an account</legend>");
    for user in users {
        let checked = if hint.is_some_and(|hint| hint == user.id || hint == user.email) { " checked" } else { "" };
        let _ = write!(
            html,
            "<label class=\"account\"><input type=\"radio\" name=\"user\" value=\"{id}\"{checked}>\
             <span>{name}<small>{email}</small><small>{place}</small></span></label>",
            id = Escaped(&user.id),
            name = Escaped(&user.name),
            email = Escaped(&user.email),
            place = Escaped(&place(user)),
        );
    }
    html + "</fieldset>"
}

/// Where the user belongs, and as what.
fn place(user: &User) -> String {
    let organization = user.organization.as_ref().map(|organization| organization.name.as_str());
    [organization, user.role.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn scope_list(client: &str, scope: &str) -> String {
    let elements: Vec<&str> = scope.split_ascii_whitespace().collect();
    if elements.is_empty() {
        return String::new();
    }
    let mut html = format!("<section><h2>{} will be able to</h2><ul>", Escaped(client));
    for element in elements {
        let _ = match element {
            "openid" => write!(html, "<li>know who you are</li>"),
            "profile" => write!(html, "<li>see your name</li>"),
            "email" => write!(html, "<li>see your e-mail address</li>"),
            "offline_access" => write!(html, "<li>stay signed in when you are away</li>"),
            other => write!(html, "<li>use <code>{}</code></li>", Escaped(other)),
        };
    }
    html + "</ul></section>"
}

/// The first one is what the Enter key sends.
fn buttons(allow: &str, deny: &str) -> String {
    format!(
        "<div class=\"row\"><button class=\"main\" name=\"decision\" value=\"allow\">{allow}</button>\
         <button name=\"decision\" value=\"deny\" formnovalidate>{deny}</button></div>"
    )
}

fn layout(settings: &Settings, status: u16, title: &str, body: &str, form_action: &str) -> Response {
    let banner = settings.banner.as_deref().map(|text| format!("<p class=\"banner\">{}</p>", Escaped(text)));
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body>{banner}<main><div class=\"card\">{body}</div></main></body></html>",
        title = Escaped(title),
        banner = banner.unwrap_or_default(),
    );
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'",
        *STYLE_HASH,
    );
    let mut response = Response::empty(status)
        .with_header("content-type", "text/html; charset=utf-8")
        .with_header("content-security-policy", &policy)
        // A form under `no-referrer` is sent with `Origin: null`, which a guard against foreign pages has to refuse.
        // Other sites get no referrer either way.
        .with_header("referrer-policy", "same-origin")
        .with_header("x-frame-options", "DENY");
    response.body = html.into_bytes();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let text = Escaped("<a href=\"x\" id='y'>&\u{202e}\0\u{1b}[31m").to_string();
        assert_eq!(text, "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;\u{fffd}  [31m");
    }
}
