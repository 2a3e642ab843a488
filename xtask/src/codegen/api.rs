//! Knows an API as the generator sees it: types and operations, free of the ways to write them in a document.

use super::json::Json;

/// Everything that is generated from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Api {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) server_prefix: String,
    pub(crate) types: Vec<TypeDef>,
    pub(crate) operations: Vec<Operation>,
}

impl Api {
    pub(crate) fn find(&self, name: &str) -> Option<&TypeDef> {
        self.types.iter().find(|def| def.name == name)
    }

    /// The schema behind any number of aliases.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        let mut current = schema;
        // An alias never leads to itself: those become newtypes.
        while let Ty::Named(name) = &current.ty
            && let Some(TypeDef { kind: TypeKind::Alias(target), .. }) = self.find(name)
        {
            current = target;
        }
        current
    }
}

/// What people are told about a thing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Notes {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
}

/// A schema in use: its type, whether null is allowed, and its limits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schema {
    pub(crate) pointer: String,
    pub(crate) ty: Ty,
    pub(crate) nullable: bool,
    pub(crate) sensitive: bool,
    pub(crate) explicit_null: bool,
    pub(crate) limits: Limits,
    pub(crate) default: Option<Json>,
    pub(crate) notes: Notes,
}

impl Schema {
    pub(crate) fn of(ty: Ty, pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            ty,
            nullable: false,
            sensitive: false,
            explicit_null: false,
            limits: Limits::default(),
            default: None,
            notes: Notes::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    /// Anything at all.
    Any,
    /// Nothing but null.
    Null,
    Boolean,
    Integer,
    /// A whole number up to 2^64 - 1.
    Unsigned,
    /// A whole number beyond 64 bits, or of unknown width.
    BigInteger,
    Number,
    Text(Format),
    /// An object of which nothing is promised.
    Object,
    Array(Box<Schema>),
    Tuple(Vec<Schema>),
    Map(Box<Schema>),
    Named(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    Plain,
    /// A format that stays a text.
    Other(String),
    Timestamp,
    Date,
    Uuid,
    /// Bytes that are no JSON: bodies only.
    Binary,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Limits {
    pub(crate) minimum: Option<serde_json::Number>,
    pub(crate) maximum: Option<serde_json::Number>,
    pub(crate) exclusive_minimum: Option<serde_json::Number>,
    pub(crate) exclusive_maximum: Option<serde_json::Number>,
    pub(crate) multiple_of: Option<serde_json::Number>,
    pub(crate) min_length: Option<usize>,
    pub(crate) max_length: Option<usize>,
    pub(crate) pattern: Option<String>,
    pub(crate) min_items: Option<usize>,
    pub(crate) max_items: Option<usize>,
    pub(crate) one_of: Vec<i64>,
    pub(crate) unique: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TypeDef {
    /// The name in Rust.
    pub(crate) name: String,
    pub(crate) pointer: String,
    pub(crate) notes: Notes,
    /// Whether the schema allows null itself, so that every use of it does.
    pub(crate) nullable: bool,
    pub(crate) kind: TypeKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TypeKind {
    Struct(Struct),
    Enum(Vec<Variant>),
    Union(Union),
    /// Another name for a schema.
    Alias(Schema),
    /// A schema that contains itself and so needs a type of its own.
    Newtype(Schema),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Struct {
    pub(crate) fields: Vec<Field>,
    /// Members that the document does not name but welcomes.
    pub(crate) rest: Option<Schema>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// The name on the wire.
    pub(crate) wire: String,
    /// The name in Rust, without `r#`.
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
    /// Whether a direct use would make the type infinitely large.
    pub(crate) boxed: bool,
    /// The one text that the field can have.
    pub(crate) constant: Option<String>,
}

/// One text of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) wire: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Union {
    pub(crate) members: Vec<Member>,
    pub(crate) discriminator: Option<Discriminator>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    /// The name of the variant.
    pub(crate) name: String,
    pub(crate) schema: Schema,
    pub(crate) boxed: bool,
}

/// The member of an object that tells which type it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Discriminator {
    pub(crate) property: String,
    /// Value of the property, and the index of the union's member.
    pub(crate) mapping: Vec<(String, usize)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) id: String,
    /// The name of the Rust type.
    pub(crate) name: String,
    pub(crate) pointer: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: Option<String>,
    pub(crate) notes: Notes,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    pub(crate) responses: Vec<Response>,
    pub(crate) idempotent: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) wire: String,
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) list: ListStyle,
    pub(crate) schema: Schema,
    pub(crate) notes: Notes,
}

/// How a parameter with several values is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListStyle {
    /// The name once for each value.
    Repeated,
    /// The name once, with commas between the values.
    Joined,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RequestBody {
    pub(crate) pointer: String,
    pub(crate) required: bool,
    pub(crate) content: Vec<Content>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) pointer: String,
    /// `None` for `default`.
    pub(crate) status: Option<u16>,
    pub(crate) content: Vec<Content>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content {
    pub(crate) media_type: String,
    pub(crate) schema: Option<Schema>,
}

impl Content {
    /// JSON and what is written like it (RFC 6839).
    pub(crate) fn is_json(&self) -> bool {
        let essence = self.essence();
        essence == "application/json" || essence.ends_with("+json") || essence == "*/*"
    }

    /// A form as browsers send it, without files.
    pub(crate) fn is_form(&self) -> bool {
        self.essence() == "application/x-www-form-urlencoded"
    }

    fn essence(&self) -> String {
        self.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}
