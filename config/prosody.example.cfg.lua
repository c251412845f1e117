-- An example of a helpline's own Prosody (0.12, as in Debian 12) for Sila. It stands for
-- /etc/prosody/prosody.cfg.lua. Change what is marked with "here", then: prosodyctl check
-- What each line is for stands in Documentation/guides/server-prosody.md.
-- A test starts a Prosody with this file and lets a contact and the bridge talk through it.
--
--     apt-get install prosody prosody-modules lua-dbi-sqlite3 lua-unbound

pidfile = "/run/prosody/prosody.pid"
-- Here: your addresses of administrators, who may invite people from their own client.
admins = { }

modules_enabled = {
	-- What every client needs.
	"roster", "saslauth", "tls", "disco", "ping", "posix", "time", "version",
	"pep", "vcard4", "vcard_legacy", "bookmarks", "private", "blocklist", "carbons",
	-- Nothing lost: the archive, stream management, messages for people who are away.
	"mam", "smacks", "offline",
	-- Phones: less traffic while the screen is off, and push (from the package prosody-modules).
	"csi_simple", "cloud_notify",
	-- Accounts by invitation only.
	"register", "invites", "invites_adhoc", "invites_register",
	-- Other servers, and limits for all.
	"dialback", "limits",
	"admin_shell", "cron",
}

-- Clients. 5223 and 443 are direct TLS (XEP-0368): networks that let through nothing but the web let
-- through 443. With 443 taken by a web server on the same address, give Prosody an address of its own.
c2s_ports = { 5222 }
c2s_direct_tls_ports = { 5223, 443 }
c2s_require_encryption = true
authentication = "internal_hashed"
-- Nobody makes an account without an invitation (prosodyctl mod_invites generate example.org).
allow_registration = false
registration_invite_only = true
-- Invitations of staff (sila invite): they make an account only when an account with this role asks for them, and that
-- is the bridge's. It is given the role once, while Prosody runs:
--     prosodyctl shell user setroles bridge@example.org example.org sila:inviting
-- The bridge gets no other right with it. An invitation works for a week.
allow_user_invites = false
allow_user_invites_by_roles = { "sila:inviting" }
invite_expiry = 7 * 86400
-- Other servers, by certificate.
s2s_ports = { 5269 }
s2s_direct_tls_ports = { 5270 }
s2s_secure_auth = true

-- Bytes a second of a client. Debian's own 10kb/s would make a bridge that catches up slow: it is not limited.
limits = {
	c2s = { rate = "256kb/s" };
	s2sin = { rate = "256kb/s" };
}
-- Here: the bridge's account.
unlimited_jids = { "bridge@example.org" }

-- The archive: everybody's, always, for 32 days. The bridge catches up from it, and looks for its own
-- messages there after a broken connection: 30 days are the least. Debian's own value is a week.
-- In SQL: the internal store ends at 10,000 messages an account.
default_archive_policy = true
archive_expires_after = "32d"
max_archive_query_results = 100
default_storage = "internal"
storage = { archive = "sql" }
sql = { driver = "SQLite3", database = "/var/lib/prosody/archive.sqlite" }

-- How long a phone that lost its line may come back to the same session, in seconds; and how much waits for it.
smacks_hibernation_time = 600
smacks_max_queue_size = 1000
-- Push notices say that there is something, and nothing of what or from whom.
push_notification_with_body = false
push_notification_with_sender = false

-- Warnings only: at level info Prosody writes who logged in, and from where. Errors name addresses, too.
log = { { levels = { min = "warn" }, to = "file", filename = "/var/log/prosody/prosody.log" } }

-- Certificates as `prosodyctl cert import` lays them down.
certificates = "/etc/prosody/certs"

-- Files and pictures. Kept for a week: the bridge fetches what it is sent at once.
http_ports = { }
https_ports = { 5281 }
https_interfaces = { "*", "::" }

-- Here: your domain.
VirtualHost "example.org"

-- Here: a name of its own, in DNS and in a certificate.
Component "upload.example.org" "http_file_share"
	http_file_share_size_limit = 16 * 1024 * 1024
	http_file_share_daily_quota = 100 * 1024 * 1024
	http_file_share_global_quota = 5 * 1024 * 1024 * 1024
	http_file_share_expires_after = 7 * 86400
