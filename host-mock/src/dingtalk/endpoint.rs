//! The calls that the fake understands.

use std::fmt;

/// A call of DingTalk's surface (DingTalk protocol, §13.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `POST /v1.0/oauth2/accessToken` (DingTalk protocol, §1.3).
    AccessToken,
    /// `GET /gettoken`, the older form of [`AccessToken`](Self::AccessToken).
    GetToken,
    /// `POST /v1.0/gateway/connections/open` (DingTalk protocol, §2.1).
    OpenConnection,
    /// `GET /connect`, the WebSocket handshake (DingTalk protocol, §2.2).
    Connect,
    /// `POST /robot/sendBySession`, the `sessionWebhook` (DingTalk protocol, §5).
    SendBySession,
    /// `POST /v1.0/robot/oToMessages/batchSend` (DingTalk protocol, §6.1).
    BatchSend,
    /// `POST /v1.0/robot/groupMessages/send` (DingTalk protocol, §6.2).
    GroupSend,
    /// `POST /v1.0/robot/otoMessages/batchRecall` (DingTalk protocol, §6.5).
    BatchRecall,
    /// `POST /v1.0/robot/groupMessages/recall` (DingTalk protocol, §6.5).
    GroupRecall,
    /// `GET /v1.0/robot/oToMessages/readStatus` (DingTalk protocol, §6.5).
    ReadStatus,
    /// `POST /v1.0/robot/messageFiles/download` (DingTalk protocol, §7.1).
    MessageFile,
    /// `GET /res/…`, what a `downloadUrl` points to (DingTalk protocol, §7.1).
    File,
    /// `POST /media/upload` (DingTalk protocol, §7.2).
    UploadMedia,
    /// `POST /v1.0/card/instances` (DingTalk protocol, §8.4).
    CreateCard,
    /// `POST /v1.0/card/instances/deliver` (DingTalk protocol, §8.4).
    DeliverCard,
    /// `POST /v1.0/card/instances/createAndDeliver` (DingTalk protocol, §8.2).
    CreateAndDeliver,
    /// `PUT /v1.0/card/instances` (DingTalk protocol, §8.5).
    UpdateCard,
    /// `PUT /v1.0/card/streaming` (DingTalk protocol, §8.6).
    Streaming,
    /// `POST /v1.0/robot/emotion/reply` (DingTalk protocol, §9.1).
    EmotionReply,
    /// `POST /v1.0/robot/emotion/recall` (DingTalk protocol, §9.1).
    EmotionRecall,
    /// `POST /topapi/v2/user/get` (DingTalk protocol, §9.2).
    UserGet,
    /// `POST /app/registration/init` (DingTalk protocol, §9.5).
    InitRegistration,
    /// `POST /app/registration/begin` (DingTalk protocol, §9.5).
    BeginRegistration,
    /// `POST /app/registration/poll` (DingTalk protocol, §9.5).
    PollRegistration,
}

/// Which of the two error languages a call speaks (DingTalk protocol, §10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// HTTP status and `{code, message, requestid}`; the token is in a header.
    Api,
    /// HTTP 200 and `errcode`; the token is in the query.
    Oapi,
    /// Neither of both, and no token.
    Plain,
}

impl Endpoint {
    /// Every endpoint, in the order of the protocol document.
    pub const ALL: [Self; 24] = [
        Self::AccessToken,
        Self::GetToken,
        Self::OpenConnection,
        Self::Connect,
        Self::SendBySession,
        Self::BatchSend,
        Self::GroupSend,
        Self::BatchRecall,
        Self::GroupRecall,
        Self::ReadStatus,
        Self::MessageFile,
        Self::File,
        Self::UploadMedia,
        Self::CreateCard,
        Self::DeliverCard,
        Self::CreateAndDeliver,
        Self::UpdateCard,
        Self::Streaming,
        Self::EmotionReply,
        Self::EmotionRecall,
        Self::UserGet,
        Self::InitRegistration,
        Self::BeginRegistration,
        Self::PollRegistration,
    ];

    /// The HTTP method and the path.
    #[must_use]
    pub fn route(self) -> (&'static str, &'static str) {
        match self {
            Self::AccessToken => ("POST", "/v1.0/oauth2/accessToken"),
            Self::GetToken => ("GET", "/gettoken"),
            Self::OpenConnection => ("POST", "/v1.0/gateway/connections/open"),
            Self::Connect => ("GET", "/connect"),
            Self::SendBySession => ("POST", "/robot/sendBySession"),
            Self::BatchSend => ("POST", "/v1.0/robot/oToMessages/batchSend"),
            Self::GroupSend => ("POST", "/v1.0/robot/groupMessages/send"),
            // The small "oto" is the service's own spelling (DingTalk protocol, §6.5).
            Self::BatchRecall => ("POST", "/v1.0/robot/otoMessages/batchRecall"),
            Self::GroupRecall => ("POST", "/v1.0/robot/groupMessages/recall"),
            Self::ReadStatus => ("GET", "/v1.0/robot/oToMessages/readStatus"),
            Self::MessageFile => ("POST", "/v1.0/robot/messageFiles/download"),
            Self::File => ("GET", "/res/"),
            Self::UploadMedia => ("POST", "/media/upload"),
            Self::CreateCard => ("POST", "/v1.0/card/instances"),
            Self::DeliverCard => ("POST", "/v1.0/card/instances/deliver"),
            Self::CreateAndDeliver => ("POST", "/v1.0/card/instances/createAndDeliver"),
            Self::UpdateCard => ("PUT", "/v1.0/card/instances"),
            Self::Streaming => ("PUT", "/v1.0/card/streaming"),
            Self::EmotionReply => ("POST", "/v1.0/robot/emotion/reply"),
            Self::EmotionRecall => ("POST", "/v1.0/robot/emotion/recall"),
            Self::UserGet => ("POST", "/topapi/v2/user/get"),
            Self::InitRegistration => ("POST", "/app/registration/init"),
            Self::BeginRegistration => ("POST", "/app/registration/begin"),
            Self::PollRegistration => ("POST", "/app/registration/poll"),
        }
    }

    /// The endpoint that a request addresses.
    pub(super) fn of(method: &str, path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| {
            let (its_method, its_path) = endpoint.route();
            method == its_method
                && (path == its_path || its_path.ends_with('/') && path.starts_with(its_path))
        })
    }

    pub(super) fn family(self) -> Family {
        match self {
            Self::GetToken
            | Self::SendBySession
            | Self::UploadMedia
            | Self::UserGet
            | Self::InitRegistration
            | Self::BeginRegistration
            | Self::PollRegistration => Family::Oapi,
            Self::Connect | Self::File => Family::Plain,
            _ => Family::Api,
        }
    }

    /// Whether the call carries an access token.
    #[must_use]
    pub fn needs_token(self) -> bool {
        !matches!(
            self,
            Self::AccessToken
                | Self::GetToken
                | Self::OpenConnection
                | Self::Connect
                | Self::SendBySession
                | Self::File
                | Self::InitRegistration
                | Self::BeginRegistration
                | Self::PollRegistration
        )
    }

    /// The permission that the call needs (DingTalk protocol, §6, §7, §8.1).
    pub(super) fn scope(self) -> Option<&'static str> {
        match self {
            Self::BatchSend
            | Self::GroupSend
            | Self::BatchRecall
            | Self::GroupRecall
            | Self::ReadStatus
            | Self::MessageFile => Some("qyapi_robot_sendmsg"),
            Self::CreateCard | Self::DeliverCard | Self::CreateAndDeliver | Self::UpdateCard => {
                Some("Card.Instance.Write")
            }
            Self::Streaming => Some("Card.Streaming.Write"),
            Self::UploadMedia => Some("qyapi_base"),
            _ => None,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, path) = self.route();
        write!(f, "{method} {path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_leads_back_to_its_endpoint() {
        for endpoint in Endpoint::ALL {
            let (method, path) = endpoint.route();
            assert_eq!(Endpoint::of(method, path), Some(endpoint));
        }
    }

    #[test]
    fn the_method_tells_create_from_update() {
        assert_eq!(Endpoint::of("POST", "/v1.0/card/instances"), Some(Endpoint::CreateCard));
        assert_eq!(Endpoint::of("PUT", "/v1.0/card/instances"), Some(Endpoint::UpdateCard));
        assert_eq!(Endpoint::of("DELETE", "/v1.0/card/instances"), None);
    }

    #[test]
    fn recall_of_direct_messages_is_spelled_with_a_small_oto() {
        assert_eq!(Endpoint::of("POST", "/v1.0/robot/oToMessages/batchRecall"), None);
    }
}
