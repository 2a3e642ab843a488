//! Sign-in by browser: the genuine answer gets through, and nothing else does.

use std::{sync::Arc, time::Duration};

use aig_auth::{
    AccessToken, AuthError, AuthErrorKind,
    oauth::{Flow, OAuthProvider},
    testkit::{Endpoint, GrantType},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::Instant,
};
use url::Url;

use crate::{
    person::{Answer, Person, TestBrowser},
    world::{USER, World},
};

/// A sign-in whose browser has just been opened.
struct Departed {
    address: String,
    redirect: Url,
    person: Arc<Person>,
    outcome: JoinHandle<Result<AccessToken, AuthError>>,
}

async fn depart(world: &World) -> Departed {
    let (opened, mut addresses) = mpsc::unbounded_channel();
    let person = Person::who(&world.server, Answer::Nothing);
    let builder = world.builder().flow(Flow::Browser).browser(Arc::new(TestBrowser { opened })).prompt(person.clone());
    let provider: OAuthProvider = builder.build().unwrap();
    let outcome = tokio::spawn(async move { provider.sign_in().await });
    let address = addresses.recv().await.unwrap();
    let redirect = parameter(&address, "redirect_uri").parse().unwrap();
    Departed { address, redirect, person, outcome }
}

fn parameter(address: &str, name: &str) -> String {
    let url = Url::parse(address).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Sends bytes to the listener, and returns all that comes back.
async fn send(redirect: &Url, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", redirect.port().unwrap())).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await;
    answer
}

async fn get(redirect: &Url, target: &str) -> String {
    let host = format!("127.0.0.1:{}", redirect.port().unwrap());
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    String::from_utf8(send(redirect, request.as_bytes()).await).unwrap()
}

/// What a browser does after the sign-in page.
async fn come_back(landing: &str) -> String {
    let url = Url::parse(landing).unwrap();
    get(&url, &format!("{}?{}", url.path(), url.query().unwrap())).await
}

#[tokio::test]
async fn a_person_signs_in_with_a_browser() {
    let world = World::new().await;
    let departed = depart(&world).await;
    assert_eq!(parameter(&departed.address, "code_challenge_method"), "S256");
    assert_eq!(parameter(&departed.address, "code_challenge").len(), 43);
    assert_eq!(parameter(&departed.address, "audience"), crate::world::AUDIENCE);
    assert_eq!(departed.redirect.host_str(), Some("127.0.0.1"));
    let landing = world.server.sign_in(&departed.address, USER).await.unwrap();
    let page = come_back(&landing).await;
    assert!(page.contains("Signed in") && page.contains("default-src 'none'") && page.contains("no-store"), "{page}");
    let token = departed.outcome.await.unwrap().unwrap();
    world.server.verify(token.expose()).unwrap();
    assert_eq!(departed.person.address().as_ref(), Some(&departed.address), "the address is shown as well");
    let exchange = world.server.log().into_iter().find(|request| request.endpoint == Endpoint::Token).unwrap();
    assert_eq!(exchange.param("code_verifier").unwrap().len(), 43);
    let port = departed.redirect.port().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "the listener is closed");
}

#[tokio::test]
async fn parameters_of_the_configuration_reach_the_server() {
    let world = World::new().await;
    let (opened, mut addresses) = mpsc::unbounded_channel();
    let config = world.config().with_organization("org_1").with_authorize_parameter("access_type", "offline");
    let provider = OAuthProvider::builder(config).browser(Arc::new(TestBrowser { opened })).flow(Flow::Browser);
    let provider = provider.build().unwrap();
    let _sign_in = tokio::spawn(async move { provider.sign_in().await });
    let address = addresses.recv().await.unwrap();
    assert_eq!(parameter(&address, "organization"), "org_1");
    assert_eq!(parameter(&address, "access_type"), "offline");
    assert_eq!(parameter(&address, "scope"), "offline_access");
}

/// Requests that anybody may send to the port while somebody signs in; `MARK` must never come back.
fn hostile() -> Vec<Vec<u8>> {
    let host = "Host: 127.0.0.1:PORT";
    let marks = ["MARK", "<script>MARK</script>", "%3Cb%3EMARK", "\u{1b}[31mMARK", "MARK\0", "%0d%0aX-MARK:%201"];
    let queries = [
        "code=M",
        "error=M",
        "error=access_denied&error_description=M",
        "code=x&state=M",
        "state=M",
        "code=M&state=",
        "error=M&state=wrong",
        "code=a&code=M",
        "state=x&state=M&code=c",
        "iss=M&code=x&state=wrong",
    ];
    let mut requests: Vec<Vec<u8>> = Vec::new();
    for mark in marks {
        for query in queries {
            let query = query.replace('M', mark);
            requests.push(format!("GET /callback?{query} HTTP/1.1\r\n{host}\r\n\r\n").into_bytes());
            requests.push(format!("GET /MARK?{query} HTTP/1.1\r\n{host}\r\nReferer: MARK\r\n\r\n").into_bytes());
        }
        requests.push(format!("POST /callback HTTP/1.1\r\n{host}\r\nContent-Length: 4\r\n\r\n{mark}").into_bytes());
        requests.push(format!("GET /callback?code={mark} HTTP/1.1\r\nHost: {mark}\r\n\r\n").into_bytes());
        requests.push(format!("OPTIONS * HTTP/1.1\r\n{host}\r\nOrigin: https://{mark}\r\n\r\n").into_bytes());
    }
    let others: [&[u8]; 12] = [
        b"GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"GET /cancel HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"HEAD /callback?code=MARK HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /callback HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT MARK:443 HTTP/1.1\r\n\r\n",
        b"\xff\xfe\xff\r\n\r\n",
    ];
    requests.extend(others.map(<[u8]>::to_vec));
    requests.push([b"GET /callback?code=", "A".repeat(20_000).as_bytes(), b" HTTP/1.1\r\n\r\n"].concat());
    for number in 0..60 {
        requests.push(format!("GET /callback?code=MARK{number}&state=MARK{number} HTTP/1.1\r\n{host}\r\n\r\n").into());
    }
    requests
}

#[tokio::test]
async fn no_forged_callback_ends_a_sign_in_or_gets_a_byte_back() {
    let world = World::new().await;
    let departed = depart(&world).await;
    let port = departed.redirect.port().unwrap();
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    let requests = hostile();
    assert!(requests.len() >= 200, "{}", requests.len());
    for request in requests {
        let request = String::from_utf8_lossy(&request).replace("PORT", &port.to_string());
        let answer = send(&departed.redirect, request.as_bytes()).await;
        assert!(!String::from_utf8_lossy(&answer).contains("MARK"), "{request} was answered by {answer:?}");
    }
    assert!(!departed.outcome.is_finished());
    assert_eq!(world.server.requests(Endpoint::Token), 0);
    let landing = world.server.sign_in(&departed.address, USER).await.unwrap();
    come_back(&landing).await;
    departed.outcome.await.unwrap().unwrap();
    assert_eq!(world.server.token_requests(GrantType::AuthorizationCode), 1);
}

#[tokio::test]
async fn a_person_who_declines_in_the_browser_is_believed() {
    let world = World::new().await;
    let departed = depart(&world).await;
    let landing = world.server.decline(&departed.address).await.unwrap();
    assert!(come_back(&landing).await.contains("Not signed in"));
    assert_eq!(departed.outcome.await.unwrap().unwrap_err().kind(), AuthErrorKind::Denied);
}

#[tokio::test]
async fn a_callback_from_another_server_is_ignored() {
    let world = World::new().await;
    let departed = depart(&world).await;
    let state = parameter(&departed.address, "state");
    get(&departed.redirect, &format!("/callback?code=stolen&state={state}&iss=https%3A%2F%2Fevil.example%2F")).await;
    assert!(!departed.outcome.is_finished());
    let landing = world.server.sign_in(&departed.address, USER).await.unwrap();
    come_back(&landing).await;
    departed.outcome.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_code_of_another_session_is_refused_at_the_exchange() {
    let world = World::new().await;
    let (victim, attacker) = (depart(&world).await, depart(&world).await);
    let landing = world.server.sign_in(&attacker.address, "auth0|grace").await.unwrap();
    let code = parameter(&landing, "code");
    let state = parameter(&victim.address, "state");
    let issuer: String = url::form_urlencoded::byte_serialize(world.server.issuer().as_bytes()).collect();
    get(&victim.redirect, &format!("/callback?code={code}&state={state}&iss={issuer}")).await;
    assert!(victim.outcome.await.unwrap().is_err(), "the verifier does not fit");
}

#[tokio::test]
async fn a_browser_elsewhere_is_served_by_pasting_where_it_ended() {
    let world = World::new().await;
    let (opened, mut addresses) = mpsc::unbounded_channel();
    let person = Person::who(&world.server, Answer::Nothing);
    person.pastes("not an address");
    let builder = world.builder().flow(Flow::Browser).browser(Arc::new(TestBrowser { opened }));
    let provider = builder.prompt(person.clone()).build().unwrap();
    let outcome = tokio::spawn(async move { provider.sign_in().await });
    let address = addresses.recv().await.unwrap();
    let landing = world.server.sign_in(&address, USER).await.unwrap();
    person.pastes(landing);
    outcome.await.unwrap().unwrap();
    assert_eq!(person.fallbacks(), 1, "what was no address was said to be none");
}

#[tokio::test]
async fn a_taken_port_means_the_device_flow_within_a_second() {
    next_means_within_a_second("127.0.0.1:0").await;
    if TcpListener::bind("[::1]:0").await.is_ok() {
        next_means_within_a_second("[::1]:0").await;
    }
}

/// Signs in where somebody else has the registered port on one address.
async fn next_means_within_a_second(address: &str) {
    let world = World::new().await;
    let taken = TcpListener::bind(address).await.unwrap();
    let redirect = format!("http://localhost:{}/", taken.local_addr().unwrap().port());
    let config = world.config().with_redirect_uri(&redirect).unwrap();
    let person = Person::who(&world.server, Answer::Approve);
    let (opened, _addresses) = mpsc::unbounded_channel();
    let builder = OAuthProvider::builder(config).browser(Arc::new(TestBrowser { opened })).prompt(person.clone());
    let provider = builder.clock(world.clock.clone()).build().unwrap();
    let begun = Instant::now();
    let sign_in = tokio::spawn(async move { provider.sign_in().await });
    while person.fallbacks() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    sign_in.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_registered_localhost_port_is_ours_in_both_families() {
    let world = World::new().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let config = world.config().with_redirect_uri(&format!("http://localhost:{free}/")).unwrap();
    let (opened, mut addresses) = mpsc::unbounded_channel();
    let provider = OAuthProvider::builder(config).browser(Arc::new(TestBrowser { opened })).flow(Flow::Browser);
    let provider = provider.build().unwrap();
    let _sign_in = tokio::spawn(async move { provider.sign_in().await });
    addresses.recv().await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", free)).await.is_ok());
    if TcpListener::bind("[::1]:0").await.is_ok() {
        assert!(TcpStream::connect(("::1", free)).await.is_ok());
    }
}
