//! Carrying out an operation: the one place where an operation becomes a request, and where answers are cached.

use std::{sync::Arc, time::Duration};

use aig_cache::{CacheKey, OperationCache, Policy, Scope};
use aig_codegen::{InvalidParameter, Operation, SERVER_PREFIX, Target, Violations};
use http::{HeaderValue, Method};
use url::Url;

use crate::{
    Client, Error, ErrorKind, FieldProblem, Result,
    call::{Answer, Behaviour, Prepared, Repeat, Wanted, subject},
    text::escaped,
    transfer::SignedUrl,
};

impl Client {
    /// Carries out an operation and reads its answer.
    pub(crate) async fn call<O: Operation>(&self, operation: &O, behaviour: Behaviour) -> Result<O::Response> {
        let request = self.prepare(operation, Wanted::Content)?;
        let answer = self.inner().wire.send(&request, &behaviour).await?;
        decode::<O>(&answer)
    }

    /// The same through the cache, under these tags.
    pub(crate) async fn read<O>(
        &self,
        operation: O,
        behaviour: Behaviour,
        time_to_live: Duration,
        policy: Policy,
        tags: &[&str],
    ) -> Result<Arc<O::Response>>
    where
        O: Operation,
        O::Response: Sync,
    {
        let key = self.key(&operation, tags).await?;
        let fetch = self.call(&operation, behaviour);
        self.inner().cache.get_or_fetch(&key, time_to_live, policy, fetch).await
    }

    /// Carries out an operation that answers with a place, and does not go there.
    pub(crate) async fn locate<O: Operation>(&self, operation: &O, behaviour: Behaviour) -> Result<SignedUrl> {
        let request = self.prepare(operation, Wanted::Redirect)?;
        let answer = self.inner().wire.send(&request, &behaviour).await?;
        let place = answer.headers.get(http::header::LOCATION).and_then(|place| place.to_str().ok());
        let place = place.ok_or_else(|| outside::<O>(&answer, "names no place"))?;
        let absolute = request.url.join(place).map_err(|_| outside::<O>(&answer, "names no place"))?;
        SignedUrl::new(absolute.as_str())
    }

    /// Carries out a change. Whatever becomes of it, later reads do not see what was there before: also when it fails,
    /// and when the caller stops waiting for it.
    pub(crate) async fn change<O: Operation>(
        &self,
        operation: &O,
        behaviour: Behaviour,
        tags: &[&str],
    ) -> Result<O::Response> {
        let cache = Arc::clone(&self.inner().cache);
        let under_way = self.scope().await.ok().map(|scope| UnderWay { cache, scope, tags });
        let outcome = self.call(operation, behaviour).await;
        drop(under_way);
        // Without an identity a new token is a new scope.
        self.changed(tags).await;
        outcome
    }

    /// "These were changed by this user": later reads do not see what was there before.
    async fn changed(&self, tags: &[&str]) {
        if let Ok(scope) = self.scope().await {
            self.inner().cache.invalidate(&scope, tags);
        }
    }

    /// Whose answers these are: the identity behind the tokens, else the token itself, hashed.
    pub(crate) async fn scope(&self) -> Result<Scope> {
        let wire = &self.inner().wire;
        match wire.tokens.identity() {
            Some(who) => Ok(Scope::of_identity([
                who.issuer.as_str(),
                who.subject.as_str(),
                who.organization.as_deref().unwrap_or_default(),
            ])),
            None => Ok(Scope::of_credential(wire.token().await?.expose())),
        }
    }

    pub(crate) async fn key<O: Operation>(&self, operation: &O, tags: &[&str]) -> Result<CacheKey> {
        let target = operation.target().map_err(invalid_parameter::<O>)?;
        let scope = self.scope().await?;
        let key = CacheKey::new(scope, self.api_root().as_str(), O::INFO.id, [target.path_and_query()]);
        Ok(tags.iter().fold(key, |key, tag| key.tagged(tag)))
    }

    fn prepare<O: Operation>(&self, operation: &O, wanted: Wanted) -> Result<Prepared> {
        operation.validate().map_err(invalid_request::<O>)?;
        let target = operation.target().map_err(invalid_parameter::<O>)?;
        let body = operation.body().map_err(|_| bug::<O>("its body has no JSON form"))?;
        let (content_type, body) =
            body.map(|body| (HeaderValue::from_str(&body.content_type).ok(), body.bytes)).unzip();
        let method = Method::from_bytes(O::INFO.method.as_str().as_bytes()).map_err(|_| bug::<O>("its method"))?;
        Ok(Prepared {
            operation: O::INFO.id,
            subject: subject(O::INFO.path, target.path()),
            method,
            url: self.url::<O>(&target.path_and_query())?,
            content_type: content_type.flatten(),
            body: body.unwrap_or_default().into(),
            repeat: if O::INFO.idempotent { Repeat::Safe } else { Repeat::Never },
            wanted,
            secrets: sensitive_values::<O>(&target),
        })
    }

    fn url<O: Operation>(&self, path_and_query: &str) -> Result<Url> {
        let root = self.api_root().as_str().trim_end_matches('/');
        Url::parse(&format!("{root}{SERVER_PREFIX}{path_and_query}")).map_err(|_| bug::<O>("its address"))
    }
}

/// A change under way: its end drops what was there before, however it ends.
struct UnderWay<'a> {
    cache: Arc<dyn OperationCache>,
    scope: Scope,
    tags: &'a [&'a str],
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.cache.invalidate(&self.scope, self.tags);
    }
}

/// The values of the parameters that the document calls sensitive.
fn sensitive_values<O: Operation>(target: &Target) -> Vec<String> {
    let is_sensitive = |name: &str| O::INFO.parameter(name).is_some_and(|parameter| parameter.sensitive);
    let given = target.query().iter().chain(target.headers()).chain(target.cookies());
    given.filter(|(name, _)| is_sensitive(name)).map(|(_, value)| value.clone()).collect()
}

fn decode<O: Operation>(answer: &Answer) -> Result<O::Response> {
    O::decode(&answer.body).map_err(|fault| {
        let (place, reason) = (escaped(fault.pointer()), escaped(fault.message()));
        outside::<O>(answer, &format!("is not what the API promises, at {place:?}: {reason}"))
    })
}

/// An answer outside the contract. A page of HTML is no answer of the API at all.
fn outside<O: Operation>(answer: &Answer, what: &str) -> Error {
    let error = Error::new(ErrorKind::Protocol, format!("the answer to {} {what}", O::INFO.id))
        .with_operation(O::INFO.id)
        .with_status(answer.status.as_u16())
        .with_attempts(answer.attempts);
    let content_type = answer.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match content_type {
        Some(html) if html.starts_with("text/html") => {
            error.with_hint("something between here and the platform answered, perhaps the sign-in page of a network")
        }
        _ => error,
    }
}

fn invalid_request<O: Operation>(violations: Violations) -> Error {
    let fields =
        violations.into_iter().map(|violation| FieldProblem::new(escaped(&violation.pointer), violation.message));
    Error::new(ErrorKind::InvalidRequest, format!("{} was not sent: it breaks the limits of the API", O::INFO.id))
        .with_operation(O::INFO.id)
        .with_fields(fields.collect())
}

fn invalid_parameter<O: Operation>(parameter: InvalidParameter) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("{} was not sent: {parameter}", O::INFO.id))
        .with_operation(O::INFO.id)
}

fn bug<O: Operation>(what: &str) -> Error {
    Error::new(ErrorKind::Protocol, format!("{} cannot be sent: {what}", O::INFO.id)).with_operation(O::INFO.id)
}
