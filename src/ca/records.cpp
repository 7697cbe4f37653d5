#include "ca/records.h"

#include "ca/schema.h"
#include "ca/words.h"
#include "x509/certificate.h"
#include "x509/general_name.h"
#include "x509/ip_address.h"
#include "x509/name.h"

#include <bulla/os.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bulla::ca {
namespace {

int64_t seconds(Time t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}
Time time_of(int64_t seconds) {
  return Time(std::chrono::seconds(seconds));
}

/// What a certificate is looked for by: common name, DNS names, addresses, mailboxes; each once.
std::vector<std::string> names_of(const Certificate& certificate) {
  std::vector<std::string> out;
  const auto add = [&](std::string name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  };
  const x509::ParsedCertificate& parsed = certificate.parsed();
  const auto rdns = x509::parse_name(parsed.subject);
  for (const x509::Rdn& rdn : rdns ? *rdns : x509::Rdns{})
    for (const x509::Attribute& attribute : rdn)
      if (asn1::oids::common_name == attribute.type) add(x509::text_of(attribute).value_or(""));
  if (!parsed.extensions.subject_alt_name) return out;
  for (const x509::GeneralName& name : *parsed.extensions.subject_alt_name) {
    const bool is_text = name.kind == x509::GeneralNameKind::dns || name.kind == x509::GeneralNameKind::email;
    if (name.kind == x509::GeneralNameKind::ip) add(x509::format_ip_address(name.value));
    if (is_text) add(std::string(as_text(name.value)));
  }
  return out;
}

/// Every question asks for these, in the order in which read() takes them.
constexpr std::string_view select =
    "SELECT c.der, c.serial, c.made_for, c.origin, c.recorded_at, c.predecessor,"
    " (SELECT s.serial FROM certificate s WHERE s.predecessor = c.serial ORDER BY s.id DESC LIMIT 1),"
    " c.revoked_at, c.reason FROM certificate c ";

std::string question(std::string_view rest) {
  return std::string(select) + std::string(rest);
}

/// Under which setting the moment of an issuer's last published list stands: seconds since 1970.
std::string published_key(int64_t issuer) {
  return "crl_published." + std::to_string(issuer);
}

/// The first one, if there is one.
std::optional<Record> first_of(std::vector<Record> records) {
  if (records.empty()) return {};
  return std::move(records.front());
}

/// A file for its owner only; SQLite's journal gets the same mode. One that is there stays as it is.
Result<void> make_file(const std::string& path, IfExists if_exists) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file || (errno == EEXIST && if_exists == IfExists::replace)) return {};
  if (errno == EEXIST) return Error{ErrorCode::file_exists, printable(path)};
  return Error{ErrorCode::file_not_writable, printable(path) + ": " + std::strerror(errno)};
}

Error broken(const std::string& path, std::string_view why) {
  return {ErrorCode::ca_records_broken, printable(path) + ": " + std::string(why)};
}

}  // namespace

// ---- files ------------------------------------------------------------------------------------------------

Result<Records> Records::create(const std::string& path, const RevocationUrls& urls) {
  BULLA_TRY(make_file(path, IfExists::refuse));
  BULLA_TRY(Records out, open_or_create(path));
  BULLA_TRY(Transaction change, out.begin());
  for (const auto& [key, value] : {std::pair{"crl_url", &urls.crl}, std::pair{"ocsp_url", &urls.ocsp}}) {
    BULLA_TRY(Statement insert, out.database_.prepare("INSERT INTO setting(key, value) VALUES (?, ?)"));
    BULLA_TRY(insert.bind(std::string_view(key)).bind(std::string_view(*value)).run());
  }
  BULLA_TRY(change.commit());
  return out;
}

Result<Records> Records::open(const std::string& path, Milliseconds patience) {
  // SQLite would say no more than that it cannot open the file. It is not opened here to find out: to close
  // it again would end all locks that this process has on it (fcntl).
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 && errno == ENOENT) return broken(path, "the file is missing");
  BULLA_TRY(Database database, Database::open(path, patience));
  BULLA_TRY(const Contents contents, look_at(database));
  if (contents == Contents::nothing) return broken(path, "the file is empty");
  return Records(std::move(database));
}

Result<Records> Records::open_or_create(const std::string& path) {
  BULLA_TRY(make_file(path, IfExists::replace));
  BULLA_TRY(Database database, Database::open(path));
  BULLA_TRY(const Contents before, look_at(database));
  if (before == Contents::nothing) {
    BULLA_TRY(Transaction change, Transaction::begin(database));
    // Another process may have been faster.
    BULLA_TRY(const Contents contents, look_at(database));
    if (contents == Contents::nothing) {
      BULLA_TRY(lay_out(database));
      BULLA_TRY(change.commit());
    }
  }
  return Records(std::move(database));
}

// ---- changes ----------------------------------------------------------------------------------------------

Result<int64_t> Records::issuer_id(const Certificate& issuer) const {
  BULLA_TRY(Statement insert,
            database_.prepare("INSERT INTO issuer(der, subject) VALUES (?, ?) ON CONFLICT DO NOTHING"));
  BULLA_TRY(insert.bind(issuer.der()).bind(issuer.subject()).run());
  BULLA_TRY(Statement find, database_.prepare("SELECT id FROM issuer WHERE der = ?"));
  BULLA_TRY(const bool found, find.bind(issuer.der()).step());
  if (!found) return broken(database_.path(), "it keeps no issuer");
  return find.integer();
}

Result<bool> Records::add(const Entry& entry) const {
  const Certificate& certificate = entry.certificate;
  BULLA_TRY(const int64_t issuer, issuer_id(entry.issuer));
  BULLA_TRY(Statement insert,
            database_.prepare("INSERT INTO certificate(serial, issuer, der, subject, not_before, not_after,"
                              " made_for, origin, recorded_at, predecessor) VALUES (?,?,?,?,?,?,?,?,?,?)"));
  insert.bind(certificate.serial()).bind(issuer).bind(certificate.der()).bind(certificate.subject());
  insert.bind(seconds(certificate.not_before())).bind(seconds(certificate.not_after()));
  insert.bind(name_of(entry.made_for)).bind(name_of(entry.origin)).bind(seconds(entry.at));
  insert.bind_or_null(entry.predecessor);
  BULLA_TRY(const bool added, insert.insert());
  if (!added) return false;
  BULLA_TRY(const int64_t id, database_.number("SELECT last_insert_rowid()"));
  for (const std::string& name : names_of(certificate)) {
    BULLA_TRY(Statement insert_name,
              database_.prepare("INSERT INTO name(certificate, name) VALUES (?, ?) ON CONFLICT DO NOTHING"));
    BULLA_TRY(insert_name.bind(id).bind(std::string_view(name)).run());
  }
  return true;
}

Result<void> Records::revoke(std::string_view serial, const Revocation& revocation) const {
  BULLA_TRY(Statement update,
            database_.prepare("UPDATE certificate SET revoked_at = ?, reason = ? WHERE serial = ?"));
  return update.bind(seconds(revocation.at))
      .bind(int64_t{static_cast<uint8_t>(revocation.reason)})
      .bind(serial)
      .run();
}

Result<uint64_t> Records::next_crl_number(const Certificate& issuer) const {
  BULLA_TRY(const int64_t id, issuer_id(issuer));
  BULLA_TRY(Statement update, database_.prepare("UPDATE issuer SET crl_number = crl_number + 1 WHERE id = ?"
                                                " RETURNING crl_number"));
  BULLA_TRY(const bool found, update.bind(id).step());
  if (!found) return broken(database_.path(), "the CA is not in it");
  const auto number = static_cast<uint64_t>(update.integer());
  BULLA_TRY(update.step());  // to its end: only then is it done
  return number;
}

Result<void> Records::set_list_published(const Certificate& issuer, Time at) const {
  BULLA_TRY(const std::optional<Time> before, list_published(issuer));
  if (before && *before >= at) return {};
  BULLA_TRY(const int64_t id, issuer_id(issuer));
  BULLA_TRY(Statement set, database_.prepare("INSERT INTO setting(key, value) VALUES (?, ?)"
                                             " ON CONFLICT(key) DO UPDATE SET value = excluded.value"));
  return set.bind(std::string_view(published_key(id)))
      .bind(std::string_view(std::to_string(seconds(at))))
      .run();
}

// ---- questions --------------------------------------------------------------------------------------------

Result<std::vector<Record>> Records::read(Statement& statement) const {
  std::vector<Record> out;
  for (;;) {
    BULLA_TRY(const bool more, statement.step());
    if (!more) return out;
    Record record;
    auto certificate = Certificate::from_der(statement.blob());
    const std::string serial(statement.text());
    if (!certificate || (*certificate)->serial() != serial)
      return broken(database_.path(), "the certificate with the serial number " +
                                          printable(serial.substr(0, 64)) + " is damaged");
    record.certificate = *std::move(certificate);
    const auto made_for = template_named(statement.text());
    const auto origin = origin_named(statement.text());
    record.recorded_at = time_of(statement.integer());
    record.predecessor = statement.text();
    record.successor = statement.text();
    const bool is_revoked = !statement.is_null();
    const Time revoked_at = time_of(statement.integer());
    const auto reason = reason_numbered(statement.integer());
    if (!made_for || !origin || (is_revoked && !reason))
      return broken(database_.path(), "a word in the record of " + serial + " is not known");
    record.made_for = *made_for;
    record.origin = *origin;
    if (is_revoked) record.revocation = Revocation{.at = revoked_at, .reason = *reason};
    out.push_back(std::move(record));
  }
}

Result<std::vector<Record>> Records::list(const Filter& filter) const {
  std::string where = "WHERE 1";
  if (filter.revoked) where += " AND c.revoked_at IS NOT NULL";
  if (filter.ending_until)
    where +=
        " AND c.revoked_at IS NULL AND c.made_for <> 'ocsp' AND c.not_after BETWEEN ? AND ?"
        " AND NOT EXISTS (SELECT 1 FROM certificate s WHERE s.predecessor = c.serial)";
  BULLA_TRY(Statement ask, database_.prepare(question(where + " ORDER BY c.id")));
  if (filter.ending_until) ask.bind(seconds(filter.now)).bind(seconds(*filter.ending_until));
  return read(ask);
}

Result<std::optional<Record>> Records::with_serial(std::string_view serial) const {
  BULLA_TRY(Statement ask, database_.prepare(question("WHERE c.serial = ?")));
  BULLA_TRY(std::vector<Record> found, read(ask.bind(serial)));
  return first_of(std::move(found));
}

Result<std::vector<Record>> Records::with_prefix(std::string_view digits) const {
  BULLA_TRY(Statement ask, database_.prepare(question("WHERE c.serial >= ? AND c.serial < ? LIMIT 2")));
  return read(ask.bind(digits).bind(std::string(digits) + 'g'));  // behind every digit
}

Result<std::optional<Record>> Records::with_name(std::string_view name) const {
  BULLA_TRY(Statement ask,
            database_.prepare(question("JOIN name n ON n.certificate = c.id WHERE n.name = ?"
                                       " ORDER BY c.revoked_at IS NOT NULL, c.id DESC LIMIT 1")));
  BULLA_TRY(std::vector<Record> found, read(ask.bind(name)));
  return first_of(std::move(found));
}

Result<std::vector<RevokedRow>> Records::revoked_by(const Certificate& issuer) const {
  BULLA_TRY(
      Statement ask,
      database_.prepare("SELECT c.serial, c.not_after, c.revoked_at, c.reason FROM certificate c"
                        " JOIN issuer i ON i.id = c.issuer"
                        " WHERE c.revoked_at IS NOT NULL AND i.subject = ? ORDER BY c.revoked_at, c.id"));
  ask.bind(issuer.subject());
  std::vector<RevokedRow> out;
  for (;;) {
    BULLA_TRY(const bool more, ask.step());
    if (!more) return out;
    RevokedRow row;
    row.serial = ask.text();
    row.not_after = time_of(ask.integer());
    row.revocation.at = time_of(ask.integer());
    const auto reason = reason_numbered(ask.integer());
    if (!reason)
      return broken(database_.path(),
                    "the reason in the record of " + printable(row.serial.substr(0, 64)) + " is not known");
    row.revocation.reason = *reason;
    out.push_back(std::move(row));
  }
}

Result<Standing> Records::standing(std::string_view serial, const Certificate& issuer) const {
  BULLA_TRY(Statement ask, database_.prepare("SELECT c.revoked_at, c.reason FROM certificate c"
                                             " JOIN issuer i ON i.id = c.issuer"
                                             " WHERE c.serial = ? AND i.der = ?"));
  BULLA_TRY(const bool found, ask.bind(serial).bind(issuer.der()).step());
  if (!found) return Standing{};
  Standing out{.issued = true};
  if (ask.is_null()) return out;
  const Time at = time_of(ask.integer());
  const auto reason = reason_numbered(ask.integer());
  if (!reason)
    return broken(database_.path(),
                  "the reason in the record of " + printable(serial.substr(0, 64)) + " is not known");
  out.revocation = Revocation{.at = at, .reason = *reason};
  return out;
}

Result<std::optional<Time>> Records::list_published(const Certificate& issuer) const {
  BULLA_TRY(Statement ask, database_.prepare("SELECT CAST(s.value AS INTEGER) FROM setting s JOIN issuer i"
                                             " ON s.key = 'crl_published.' || i.id WHERE i.der = ?"));
  BULLA_TRY(const bool found, ask.bind(issuer.der()).step());
  return found ? std::optional(time_of(ask.integer())) : std::nullopt;
}

Result<RevocationUrls> Records::urls() const {
  RevocationUrls out;
  for (const auto& [key, value] : {std::pair{"crl_url", &out.crl}, std::pair{"ocsp_url", &out.ocsp}}) {
    BULLA_TRY(Statement ask, database_.prepare("SELECT value FROM setting WHERE key = ?"));
    BULLA_TRY(const bool found, ask.bind(std::string_view(key)).step());
    if (found) *value = ask.text();
  }
  return out;
}

}  // namespace bulla::ca
