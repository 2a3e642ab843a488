//! The list: every check by its name.

use futures_util::future::BoxFuture;

use super::{
    Check,
    Effect::{self, Reads, Writes},
    Subject, Verdict, document, errors, files, life, listings, needs, sharing,
    subject::reading,
};

/// Every check, those of the table of operations first.
pub fn checks() -> Vec<Check> {
    let mut all: Vec<Check> = reading().map(as_the_document_says).collect();
    all.extend(refusals());
    all.extend(reads());
    all.extend(writes());
    all
}

fn check<F>(name: &str, effect: Effect, run: F) -> Check
where
    F: for<'a> Fn(&'a Subject) -> BoxFuture<'a, Verdict> + Send + Sync + 'static,
{
    Check { name: name.to_owned(), effect, run: Box::new(run) }
}

/// Status, media type and schema of one operation that reads.
fn as_the_document_says(operation: &'static aig_codegen::OperationInfo) -> Check {
    check(&format!("{} answers as the document says", operation.id), Reads, move |subject| {
        Box::pin(async move {
            if operation.redirect.is_some() || operation.answer == aig_codegen::Answer::Redirect {
                return files::leads_elsewhere(subject, operation).await;
            }
            let path = needs(subject.path(operation, &[]), "something of the kind to ask for")?;
            document::success(operation, &subject.wire.api("GET", &path, None).await?)
        })
    })
}

fn refusals() -> Vec<Check> {
    vec![
        check("without a token nothing is read", Reads, |s| Box::pin(errors::nothing_read(s, None))),
        check("with a token of another issuer nothing is read", Reads, |s| {
            Box::pin(errors::nothing_read(s, Some(errors::FOREIGN)))
        }),
        check("what is not there is 404, with a detail", Reads, |s| Box::pin(errors::unknown_ids(s))),
        check("an id that is none is 422 and named", Reads, |s| Box::pin(errors::malformed_ids(s))),
        check("a number outside its limits is 422 and named", Reads, |s| Box::pin(errors::numbers_outside(s))),
        check("a word outside its list is 422 and named", Reads, |s| Box::pin(errors::words_outside(s))),
        check("a field that cannot be sorted by is 422", Reads, |s| Box::pin(errors::unknown_sort(s))),
        check("every mistake of a request is named", Reads, |s| Box::pin(errors::several_mistakes(s))),
        check("a path that is none is 404", Reads, |s| Box::pin(errors::no_such_path(s))),
    ]
}

fn reads() -> Vec<Check> {
    vec![
        check("health is told without a token", Reads, |s| Box::pin(errors::health(s))),
        check("pages join without gaps and repetitions", Reads, |s| Box::pin(listings::pages(s))),
        check("a page past the end is empty", Reads, |s| Box::pin(listings::past_the_end(s))),
        check("runs are sorted as asked", Reads, |s| Box::pin(listings::sorted(s))),
        check("runs are filtered as asked", Reads, |s| Box::pin(listings::run_filters(s))),
        check("runs are found by their metadata", Reads, |s| Box::pin(listings::metadata_filter(s))),
        check("items are filtered as asked", Reads, |s| Box::pin(listings::item_filters(s))),
        check("grants and share tokens are filtered as asked", Reads, |s| Box::pin(listings::shared(s))),
        check("the counts of a run are those of its items", Reads, |s| Box::pin(listings::counts(s))),
        check("an item has the same id in the listing and by itself", Reads, |s| Box::pin(listings::one_item(s))),
        check("the latest version is one of the versions", Reads, |s| Box::pin(listings::versions(s))),
        check("what I submitted was submitted by me", Reads, |s| Box::pin(listings::mine(s))),
        check("a document is read without a token", Reads, |s| Box::pin(files::document(s))),
        check("an artifact has the checksum that it promises", Reads, |s| Box::pin(files::artifact(s))),
        check("a run of others is forbidden", Reads, |s| Box::pin(sharing::forbidden(s))),
    ]
}

fn writes() -> Vec<Check> {
    vec![
        check("without a token nothing is changed", Writes, |s| Box::pin(errors::nothing_changed(s, None))),
        check("with a token of another issuer nothing is changed", Writes, |s| {
            Box::pin(errors::nothing_changed(s, Some(errors::FOREIGN)))
        }),
        check("a method that a path does not have is 405", Writes, |s| Box::pin(errors::no_such_method(s))),
        check("a submission that cannot be is refused", Writes, |s| Box::pin(life::refused(s))),
        check("a submitted run is there at once", Writes, |s| Box::pin(life::submitted(s))),
        check("a run is canceled once", Writes, |s| Box::pin(life::canceled(s))),
        check("metadata of a run changes by its checksum", Writes, |s| Box::pin(life::run_metadata(s))),
        check("metadata of an item changes by its checksum", Writes, |s| Box::pin(life::item_metadata(s))),
        check("deleted results are gone", Writes, |s| Box::pin(life::deleted(s))),
        check("a grant opens a run until it is revoked, once", Writes, |s| Box::pin(sharing::grant(s))),
        check("a share token opens a run until it is revoked, once", Writes, |s| Box::pin(sharing::share_token(s))),
        check("the secret of a share token is shown once", Writes, |s| Box::pin(sharing::secret(s))),
    ]
}
