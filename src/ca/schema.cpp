#include "ca/schema.h"

namespace bulla::ca {
namespace {

/// "Bull": tells our files from other databases (PRAGMA application_id).
constexpr int64_t application = 0x42756c6c;
/// PRAGMA user_version. A change of the tables raises it, and adds the statements that lead from the one
/// before.
constexpr int64_t version = 1;

/// Times are seconds since 1970. What stands in the certificate is repeated beside it to be looked for, here
/// and by people with sqlite3. STRICT: a column holds what it is said to hold.
constexpr std::string_view tables[] = {
    // Who signed: the present CA, and those before it.
    "CREATE TABLE issuer("
    "  id INTEGER PRIMARY KEY,"
    "  der BLOB NOT NULL UNIQUE,"
    "  subject TEXT NOT NULL,"
    "  crl_number INTEGER NOT NULL DEFAULT 0) STRICT",
    // `id` is the order in which they were recorded. UNIQUE is the promise that no serial number is issued
    // twice.
    "CREATE TABLE certificate("
    "  id INTEGER PRIMARY KEY,"
    "  serial TEXT NOT NULL UNIQUE,"
    "  issuer INTEGER NOT NULL REFERENCES issuer(id),"
    "  der BLOB NOT NULL,"
    "  subject TEXT NOT NULL,"
    "  not_before INTEGER NOT NULL,"
    "  not_after INTEGER NOT NULL,"
    "  made_for TEXT NOT NULL,"
    "  origin TEXT NOT NULL,"
    "  recorded_at INTEGER NOT NULL,"
    "  predecessor TEXT REFERENCES certificate(serial),"
    "  revoked_at INTEGER,"
    "  reason INTEGER,"
    "  CHECK ((revoked_at IS NULL) = (reason IS NULL))) STRICT",
    "CREATE INDEX certificate_ends ON certificate(not_after)",
    "CREATE INDEX certificate_renews ON certificate(predecessor) WHERE predecessor IS NOT NULL",
    "CREATE INDEX certificate_revoked ON certificate(revoked_at) WHERE revoked_at IS NOT NULL",
    // The columns stand as in the key: quick_check of SQLite 3.40 takes them for others where they do not.
    "CREATE TABLE name("
    "  name TEXT NOT NULL COLLATE NOCASE,"
    "  certificate INTEGER NOT NULL REFERENCES certificate(id),"
    "  PRIMARY KEY (name, certificate)) STRICT, WITHOUT ROWID",
    "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
};

Error broken(const Database& database, std::string_view why) {
  return {ErrorCode::ca_records_broken, printable(database.path()) + ": " + std::string(why)};
}

/// What a damaged file answers instead of "ok".
Result<void> check_pages(const Database& database) {
  BULLA_TRY(Statement check, database.prepare("PRAGMA quick_check(1)"));
  BULLA_TRY(const bool any, check.step());
  const std::string said(any ? check.text() : "no answer");
  if (said == "ok") return {};
  return broken(database, printable(said.substr(0, 200)));
}

}  // namespace

Result<Contents> look_at(const Database& database) {
  BULLA_TRY(const int64_t found_application, database.number("PRAGMA application_id"));
  BULLA_TRY(const int64_t found_version, database.number("PRAGMA user_version"));
  BULLA_TRY(const int64_t objects, database.number("SELECT count(*) FROM sqlite_schema"));
  if (objects == 0 && found_version == 0 && found_application == 0) return Contents::nothing;
  if (found_application != application) return broken(database, "it is the database of another program");
  if (found_version > version)
    return Error{ErrorCode::ca_records_newer, printable(database.path()) + " has version " +
                                                  std::to_string(found_version) +
                                                  ", and this program knows " + std::to_string(version)};
  if (found_version < 1) return broken(database, "it has version " + std::to_string(found_version));
  BULLA_TRY(check_pages(database));
  return Contents::records;
}

Result<void> lay_out(const Database& database) {
  for (const std::string_view table : tables) {
    BULLA_TRY(database.run(table));
  }
  BULLA_TRY(database.run("PRAGMA application_id = " + std::to_string(application)));
  return database.run("PRAGMA user_version = " + std::to_string(version));
}

}  // namespace bulla::ca
