//! What a health check saw, in the words and numbers of HAProxy 2.6.

/// The last finished health check of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// None has finished yet.
    Nothing,
    /// Answered with this status; 2xx and 3xx pass.
    Status(u16),
    /// The connection was refused or broke.
    NotConnected(String),
    /// Connected, but not answered in time.
    TimedOut,
}

impl Seen {
    pub fn passed(&self) -> bool {
        matches!(self, Seen::Status(200..400))
    }

    /// `srv_check_status`: the numbers of HAProxy's `enum healthcheck_status`.
    pub fn number(&self) -> u8 {
        match self {
            Seen::Nothing => 1,
            Seen::NotConnected(_) => 8,
            Seen::TimedOut => 12,
            Seen::Status(_) if self.passed() => 15,
            Seen::Status(_) => 17,
        }
    }

    /// `srv_check_result`: 0 unknown, 2 failed, 3 passed.
    pub fn result(&self) -> u8 {
        match self {
            Seen::Nothing => 0,
            _ if self.passed() => 3,
            _ => 2,
        }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Seen::Nothing => "INI",
            Seen::NotConnected(_) => "L4CON",
            Seen::TimedOut => "L7TOUT",
            Seen::Status(_) if self.passed() => "L7OK",
            Seen::Status(_) => "L7STS",
        }
    }

    pub fn description(&self) -> &'static str {
        match self {
            Seen::Nothing => "Initializing",
            Seen::NotConnected(_) => "Layer4 connection problem",
            Seen::TimedOut => "Layer7 timeout",
            Seen::Status(_) if self.passed() => "Layer7 check passed",
            Seen::Status(_) => "Layer7 wrong status",
        }
    }

    /// `check_code`.
    pub fn code(&self) -> String {
        match self {
            Seen::Status(status) => status.to_string(),
            _ => String::new(),
        }
    }

    /// `last_chk`.
    pub fn detail(&self) -> String {
        match self {
            Seen::NotConnected(why) => why.clone(),
            Seen::Status(status) if !self.passed() => {
                format!("HTTP status check returned code <3C>{status}<3E>")
            }
            _ => String::new(),
        }
    }
}
