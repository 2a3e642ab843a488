//! Certificate authorities that a test makes for itself.

use std::{path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
};

/// An authority of its own: nobody trusts it unless told to.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// How a certificate is right or wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Leaf {
    Good,
    Expired,
    OtherName,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate, as a file.
    pub(crate) fn write(&self, path: &Path) {
        let mut file = std::fs::File::create(path).unwrap();
        std::io::Write::write_all(&mut file, self.0.as_ref().pem().as_bytes()).unwrap();
    }

    /// What a server needs that this authority vouches for, or rather should not.
    pub(crate) fn acceptor(&self, names: &[&str], leaf: Leaf) -> TlsAcceptor {
        let names: Vec<String> = match leaf {
            Leaf::OtherName => vec!["elsewhere.example".to_owned()],
            _ => names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut params = CertificateParams::new(names).unwrap();
        if leaf == Leaf::Expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate)], key.into())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
