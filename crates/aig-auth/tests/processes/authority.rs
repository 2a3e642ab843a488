//! Certificate authorities that nobody trusts yet, and a token endpoint behind TLS with a certificate of one of them.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::{Arc, LazyLock},
    time::Duration,
};

use rsa::{
    RsaPrivateKey,
    pkcs1v15::{Signature, SigningKey},
    pkcs8::EncodePrivateKey as _,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use x509_cert::{
    Certificate,
    builder::{Builder as _, CertificateBuilder, Profile},
    der::{Encode as _, EncodePem as _, asn1::OctetString, pem::LineEnding},
    ext::pkix::{SubjectAltName, name::GeneralName},
    name::Name,
    serial_number::SerialNumber,
    spki::SubjectPublicKeyInfoOwned,
    time::Validity,
};

use crate::all_logs::canary;

/// One key is enough for all: what is signed, and by whom, differs.
static KEY: LazyLock<SigningKey<Sha256>> =
    LazyLock::new(|| SigningKey::new(RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2_048).unwrap()));

/// An address of this machine that is no loopback address, so that proxies and certificates count.
const HOST: [u8; 4] = [0, 0, 0, 0];

pub(crate) struct Authority {
    name: Name,
    certificate: Certificate,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let name = Name::from_str(&format!("CN={name}")).unwrap();
        let certificate = builder(Profile::Root, name.clone()).build::<Signature>().unwrap();
        Self { name, certificate }
    }

    /// The bundle that makes this authority trusted.
    pub(crate) fn bundle(&self, directory: &Path) -> PathBuf {
        let path = directory.join(format!("{}.pem", self.name));
        let pem = self.certificate.to_pem(LineEnding::LF).unwrap();
        std::fs::File::create(&path).unwrap().write_all(pem.as_bytes()).unwrap();
        path
    }

    fn leaf(&self) -> Vec<u8> {
        let issuer = self.name.clone();
        let profile = Profile::Leaf { issuer, enable_key_agreement: false, enable_key_encipherment: true };
        let mut builder = builder(profile, Name::from_str("CN=token endpoint").unwrap());
        let address = GeneralName::IpAddress(OctetString::new(HOST).unwrap());
        builder.add_extension(&SubjectAltName(vec![address])).unwrap();
        builder.build::<Signature>().unwrap().to_der().unwrap()
    }

    /// A token endpoint behind a certificate of this authority: where it is.
    pub(crate) async fn serve(&self) -> String {
        let key = KEY.as_ref().to_pkcs8_der().unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivatePkcs8KeyDer::from(key.as_bytes().to_vec());
        let chain = vec![CertificateDer::from(self.leaf())];
        let config = config.with_no_client_auth().with_single_cert(chain, key.into()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(answer_all(listener, TlsAcceptor::from(Arc::new(config))));
        format!("https://0.0.0.0:{}", address.port())
    }
}

fn builder(profile: Profile, subject: Name) -> CertificateBuilder<'static, SigningKey<Sha256>> {
    let public = SubjectPublicKeyInfoOwned::from_key(KEY.as_ref().to_public_key()).unwrap();
    let validity = Validity::from_now(Duration::from_secs(3_600)).unwrap();
    CertificateBuilder::new(profile, SerialNumber::from(1_u32), validity, subject, public, &*KEY).unwrap()
}

async fn answer_all(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, acceptor.clone()));
    }
}

/// Every request gets a token. Who does not trust the certificate sends none.
async fn answer(stream: TcpStream, acceptor: TlsAcceptor) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && stream.read_buf(&mut request).await.unwrap_or(0) > 0 {}
    let body = format!(
        r#"{{"access_token":"{}","refresh_token":"{}","token_type":"Bearer","expires_in":3600}}"#,
        canary::ACCESS_TOKEN,
        canary::REFRESH_TOKEN
    );
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}
