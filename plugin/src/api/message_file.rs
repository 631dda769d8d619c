//! Files that people sent to the robot: DingTalk gives an address for a code, and that gives the bytes.

use super::{
    client::{Api, Call},
    endpoints::Storage,
    failure::{self, broken},
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use bytes::Bytes;
use reqwest::{Method, StatusCode, Url, header::LOCATION};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const DURING: &str = "downloading a file";
/// Redirects that are followed; each must lead to where files of DingTalk's are.
const MOST_REDIRECTS: usize = 3;

/// Body of [`POST /v1.0/robot/messageFiles/download`](https://open.dingtalk.com/document/orgapp/download-the-file-content-of-the-robot-receiving-message).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Locate<'a> {
    pub(super) download_code: &'a str,
    pub(super) robot_code: &'a str,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Located {
    #[serde(alias = "download_url")]
    download_url: String,
}

impl Call for Locate<'_> {
    const DURING: &'static str = DURING;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/robot/messageFiles/download";
    const TIMEOUT: Duration = Duration::from_secs(10);
    const SCOPE: &'static str = "qyapi_robot_sendmsg";
    type Answer = Located;
}

/// A file that begins to arrive.
pub(crate) struct Download<'a> {
    response: reqwest::Response,
    api: &'a Api,
}

impl Api {
    /// Where the file behind a code is, for a short while. Whoever has the address can read the file.
    ///
    /// # Errors
    /// `Rejected` when the code is wrong, has expired, or belongs to another robot.
    pub(crate) async fn locate_file(&self, download_code: &str, robot_code: &str) -> Result<Secret> {
        let located = self.call(&Locate { download_code, robot_code }).await?;
        if located.download_url.is_empty() {
            return Err(Error::new(ErrorKind::Protocol, DURING));
        }
        Ok(Secret::new(located.download_url))
    }

    /// Asks for the file at `address`, with no header that says more than that. The caller sets the pace
    /// and the deadlines.
    ///
    /// # Errors
    /// `Rejected` when the address, or one that it leads to, is none where files of DingTalk's are.
    pub(crate) async fn download(&self, address: &Secret) -> Result<Download<'_>> {
        let wrong = |error| Error::new(ErrorKind::Protocol, DURING).because(error);
        let mut url = Url::parse(address.reveal()).map_err(wrong)?;
        for _ in 0..=MOST_REDIRECTS {
            let storage = self.endpoints().storage(&url);
            let Storage::Trusted(trusted) = storage else { return Err(elsewhere()) };
            let response = self.get(trusted).await?;
            if !response.status().is_redirection() {
                return self.arriving(response);
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let nonsense = || Error::new(ErrorKind::Protocol, DURING);
            url = response.url().join(location.ok_or_else(nonsense)?).map_err(wrong)?;
        }
        Err(Error::new(ErrorKind::Protocol, DURING).advising("the file's address leads in circles"))
    }

    async fn get(&self, url: Url) -> Result<reqwest::Response> {
        let route = self.route();
        if url.scheme() == "https" {
            route.tls().config()?;
        }
        route.proxy_for(&url)?;
        let response = route.http().get(url).send().await.map_err(|error| broken(DURING, error, &route))?;
        failure::of_proxy(DURING, &response, &route).map_or(Ok(response), Err)
    }

    fn arriving(&self, response: reqwest::Response) -> Result<Download<'_>> {
        match response.status() {
            StatusCode::OK => Ok(Download { response, api: self }),
            status => {
                Err(Error::new(ErrorKind::Server { status: status.as_u16(), code: String::new() }, DURING))
            }
        }
    }
}

impl Download<'_> {
    /// How many bytes will come, if the other side says so. It may be wrong.
    pub(crate) fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// `Network` when it breaks off before its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        self.response.chunk().await.map_err(|error| broken(DURING, error, &self.api.route()))
    }
}

fn elsewhere() -> Error {
    let kind = ErrorKind::Rejected {
        code: "foreignAddress".into(),
        message: "the file is not where DingTalk keeps files".into(),
        request_id: String::new(),
    };
    Error::new(kind, DURING).advising("a private DingTalk that keeps its files elsewhere needs `endpoints`")
}
