//! Devices that wait for a person: the codes to type.

use aig_auth::testkit::PendingDevice;
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Console, html::given, overview};

/// Nothing, unless one waits.
pub(super) fn section(console: &Console) -> Markup {
    let waiting = console.authorization.pending_devices();
    let list = html! { ul.plain { @for device in &waiting { li { (entry(device)) } } } };
    html! {
        div id="waiting-devices" data-live {
            @if !waiting.is_empty() { (overview::section("devices", "Devices that wait", &list)) }
        }
    }
}

fn entry(device: &PendingDevice) -> Markup {
    let code = utf8_percent_encode(&device.user_code, NON_ALPHANUMERIC);
    html! {
        strong { code { (given(&device.user_code)) } }
        " for " (given(&device.client_id)) " "
        a.button href={ "/activate?user_code=" (code) } { "Answer" span.unseen { " " (given(&device.user_code)) } }
    }
}
