//! A store's transaction for async code: its writes run where blocking is allowed.

use tokio::task;

use crate::{
    AuthError, AuthErrorKind, Recovery,
    session::{Record, StoreError, Transaction},
};

/// The store, held exclusively until this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    /// Nothing only while a write runs elsewhere.
    transaction: Option<Box<dyn Transaction>>,
    record: Record,
}

impl Held {
    pub(super) fn new(transaction: Box<dyn Transaction>) -> Self {
        let record = transaction.record().clone();
        Self { transaction: Some(transaction), record }
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    pub(super) async fn write(&mut self, next: Record) -> Result<(), AuthError> {
        self.run(move |transaction| transaction.write(next)).await
    }

    pub(super) async fn remove(&mut self) -> Result<(), AuthError> {
        self.run(|transaction| transaction.remove()).await
    }

    async fn run(
        &mut self,
        work: impl FnOnce(&mut Box<dyn Transaction>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), AuthError> {
        let Some(mut transaction) = self.transaction.take() else {
            return blocking(|| Err(StoreError::new("the store was let go of during an earlier write"))).await;
        };
        let (transaction, outcome) = blocking(move || {
            let outcome = work(&mut transaction);
            Ok((transaction, outcome))
        })
        .await?;
        self.record = transaction.record().clone();
        self.transaction = Some(transaction);
        blocking(move || outcome).await
    }
}

/// Runs what blocks where that is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, AuthError> {
    let done = task::spawn_blocking(work).await.map_err(|_| stopped())?;
    done.map_err(|error| {
        let message = "the stored session cannot be used";
        AuthError::new(AuthErrorKind::Storage, Recovery::Retry { after: None }, message).with_source(error)
    })
}

pub(super) fn stopped() -> AuthError {
    AuthError::new(AuthErrorKind::Source, Recovery::Fail, "the program is ending")
}
