//! What each operation of the service asks of a shared access signature.

/// An operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as in the REST reference")]
pub enum Operation {
    ListQueues,
    GetServiceProperties,
    SetServiceProperties,
    GetServiceStats,
    CreateQueue,
    DeleteQueue,
    GetQueueMetadata,
    SetQueueMetadata,
    GetQueueAcl,
    SetQueueAcl,
    PutMessage,
    GetMessages,
    PeekMessages,
    UpdateMessage,
    DeleteMessage,
    ClearMessages,
}

impl Operation {
    /// The kind of resource in an account SAS: `s`ervice, `c`ontainer or `o`bject.
    pub const fn resource_type(self) -> char {
        match self {
            Self::ListQueues | Self::GetServiceProperties | Self::SetServiceProperties | Self::GetServiceStats => 's',
            Self::CreateQueue
            | Self::DeleteQueue
            | Self::GetQueueMetadata
            | Self::SetQueueMetadata
            | Self::GetQueueAcl
            | Self::SetQueueAcl => 'c',
            Self::PutMessage
            | Self::GetMessages
            | Self::PeekMessages
            | Self::UpdateMessage
            | Self::DeleteMessage
            | Self::ClearMessages => 'o',
        }
    }

    /// Letters of an account SAS of which one is enough; none where no account SAS is.
    pub const fn account_permissions(self) -> &'static str {
        match self {
            Self::ListQueues => "l",
            Self::GetServiceProperties | Self::GetServiceStats | Self::GetQueueMetadata | Self::PeekMessages => "r",
            Self::SetServiceProperties | Self::SetQueueMetadata => "w",
            Self::CreateQueue => "cw",
            Self::DeleteQueue | Self::ClearMessages => "d",
            Self::GetQueueAcl | Self::SetQueueAcl => "",
            Self::PutMessage => "a",
            Self::GetMessages | Self::DeleteMessage => "p",
            Self::UpdateMessage => "u",
        }
    }

    /// Letters of a service SAS of which one is enough; none where no service SAS is.
    pub const fn service_permissions(self) -> &'static str {
        match self {
            Self::GetQueueMetadata | Self::PeekMessages => "r",
            Self::PutMessage => "a",
            Self::GetMessages | Self::DeleteMessage | Self::ClearMessages => "p",
            Self::UpdateMessage => "u",
            _ => "",
        }
    }
}
