//! The kinds of resources, and what they are called in paths, signatures and lists (reference: Cosmos DB, sections 1.2 and 2.1).

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// The account itself: `/`.
    Account,
    /// A database.
    Database,
    /// A container.
    Container,
    /// An item.
    Document,
    /// An attachment of an item.
    Attachment,
    /// The bytes of an attachment.
    Media,
    /// A stored procedure.
    StoredProcedure,
    /// A trigger.
    Trigger,
    /// A user-defined function.
    UserDefinedFunction,
    /// A conflict.
    Conflict,
    /// A partition key range.
    PartitionKeyRange,
    /// A user.
    User,
    /// A permission of a user.
    Permission,
    /// An offer.
    Offer,
    /// A client encryption key.
    ClientEncryptionKey,
    /// The deletion of all items of a partition key.
    PartitionKeyDelete,
}

impl ResourceKind {
    /// What comes before its id in a path; also what is signed as its type. Empty for the account.
    pub const fn segment(self) -> &'static str {
        match self {
            Self::Account => "",
            Self::Database => "dbs",
            Self::Container => "colls",
            Self::Document => "docs",
            Self::Attachment => "attachments",
            Self::Media => "media",
            Self::StoredProcedure => "sprocs",
            Self::Trigger => "triggers",
            Self::UserDefinedFunction => "udfs",
            Self::Conflict => "conflicts",
            Self::PartitionKeyRange => "pkranges",
            Self::User => "users",
            Self::Permission => "permissions",
            Self::Offer => "offers",
            Self::ClientEncryptionKey => "clientencryptionkeys",
            Self::PartitionKeyDelete => "partitionkey",
        }
    }

    /// What a list of it is called.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Account => "DatabaseAccounts",
            Self::Database => "Databases",
            Self::Container => "DocumentCollections",
            Self::Document | Self::PartitionKeyDelete => "Documents",
            Self::Attachment => "Attachments",
            Self::Media => "Media",
            Self::StoredProcedure => "StoredProcedures",
            Self::Trigger => "Triggers",
            Self::UserDefinedFunction => "UserDefinedFunctions",
            Self::Conflict => "Conflicts",
            Self::PartitionKeyRange => "PartitionKeyRanges",
            Self::User => "Users",
            Self::Permission => "Permissions",
            Self::Offer => "Offers",
            Self::ClientEncryptionKey => "ClientEncryptionKeys",
        }
    }

    /// The kind with this segment below a parent.
    pub(super) fn below(parent: Option<Self>, segment: &str) -> Option<Self> {
        let children: &[Self] = match parent {
            None => &[Self::Database, Self::Offer, Self::Media],
            Some(Self::Database) => &[Self::Container, Self::User, Self::ClientEncryptionKey],
            Some(Self::Container) => &[
                Self::Document,
                Self::PartitionKeyRange,
                Self::StoredProcedure,
                Self::Trigger,
                Self::UserDefinedFunction,
                Self::Conflict,
            ],
            Some(Self::Document) => &[Self::Attachment],
            Some(Self::User) => &[Self::Permission],
            Some(_) => &[],
        };
        children.iter().copied().find(|kind| kind.segment().eq_ignore_ascii_case(segment))
    }

    /// How many bytes the RID of one has.
    pub const fn rid_bytes(self) -> usize {
        match self {
            Self::Offer => 3,
            Self::Database => 4,
            Self::Container | Self::User | Self::ClientEncryptionKey => 8,
            Self::Attachment | Self::Media => 20,
            _ => 16,
        }
    }
}
