#include "trust/nss_database.h"

#include "os/system_error.h"
#include "x509/certificate.h"
#include "x509/digest.h"

#include <bulla/os.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <memory>
#include <unordered_map>

namespace bulla::trust {
namespace {

// ---- bounds -----------------------------------------------------------------------------------------------

/// A row is a certificate of at most 1 MiB with its names.
constexpr int longest_value = 2 << 20;
/// The statement that makes NSS's table has some 4000 characters.
constexpr int longest_sql = 64 << 10;
/// Steps of SQLite's machine for one reading. A row takes about 25, and a file of 64 MiB has room for 200,000
/// rows of the least size that says something.
constexpr int steps_at_once = 10'000;
constexpr int most_turns = 1'000;
constexpr size_t most_objects = 100'000;
/// How long another process, a browser say, may hold the file.
constexpr int patience_ms = 5'000;

// ---- PKCS #11, and what NSS adds to it --------------------------------------------------------------------

/// Attributes as columns; the number is that of PKCS #11 in hexadecimal.
enum Column : size_t {
  object_class,
  label,
  value,
  issuer,
  serial,
  sha1,
  nss_server,
  nss_client,
  hash,
  hash_algorithm,
  server,
  client,
  column_count
};
constexpr std::array<std::string_view, column_count> columns = {
    "a0",         // CKA_CLASS
    "a3",         // CKA_LABEL
    "a11",        // CKA_VALUE
    "a81",        // CKA_ISSUER
    "a82",        // CKA_SERIAL_NUMBER, an INTEGER in DER
    "ace5363b4",  // CKA_CERT_SHA1_HASH of NSS
    "ace536358",  // CKA_TRUST_SERVER_AUTH of NSS
    "ace536359",  // CKA_TRUST_CLIENT_AUTH of NSS
    "a635",       // CKA_HASH_OF_CERTIFICATE of PKCS #11 3.2
    "a8c",        // CKA_NAME_HASH_ALGORITHM
    "a62c",       // CKA_TRUST_SERVER_AUTH of PKCS #11 3.2
    "a62d",       // CKA_TRUST_CLIENT_AUTH
};

constexpr uint32_t class_certificate = 1;
constexpr uint32_t class_trust = 0x0b;            // PKCS #11 3.2
constexpr uint32_t class_nss_trust = 0xce534353;  // NSS before that, and beside it

constexpr uint32_t mechanism_sha1 = 0x220, mechanism_sha256 = 0x250;

struct TrustWord {
  uint32_t nss, standard;
  NssTrust meaning;
};
constexpr TrustWord trust_words[] = {
    {0xce534351, 1, NssTrust::peer},        // CKT_TRUSTED
    {0xce534352, 2, NssTrust::anchor},      // CKT_TRUSTED_DELEGATOR, CKT_TRUST_ANCHOR
    {0xce53435a, 3, NssTrust::distrusted},  // CKT_NOT_TRUSTED
    {0xce53435b, 4, NssTrust::unsaid},      // CKT_VALID_DELEGATOR; MUST_VERIFY_TRUST
};

// ---- SQLite -----------------------------------------------------------------------------------------------

struct Close {
  void operator()(sqlite3* database) const noexcept { ::sqlite3_close_v2(database); }
};
struct Finish {
  void operator()(sqlite3_stmt* statement) const noexcept { ::sqlite3_finalize(statement); }
};
using DatabasePtr = std::unique_ptr<sqlite3, Close>;
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finish>;

Error broken(std::string_view what) {
  return {ErrorCode::nss_database_broken, printable(what)};
}
Error broken(sqlite3* database) {
  return broken(::sqlite3_errmsg(database));
}

/// Nothing that the file says is run: no views, no triggers, no functions of its schema.
void harden(sqlite3* database) {
  for (const int off :
       {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_TRUSTED_SCHEMA})
    ::sqlite3_db_config(database, off, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_limit(database, SQLITE_LIMIT_LENGTH, longest_value);
  ::sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, longest_sql);
  ::sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  ::sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 20);
  ::sqlite3_limit(database, SQLITE_LIMIT_VDBE_OP, 100'000);
  ::sqlite3_busy_timeout(database, patience_ms);
}

/// Ends a statement that has used up the steps; `turns` counts over all statements of a reading.
void limit_steps(sqlite3* database, int& turns) {
  ::sqlite3_progress_handler(
      database, steps_at_once,
      [](void* counter) { return ++*static_cast<int*>(counter) > most_turns ? 1 : 0; }, &turns);
}

Result<StatementPtr> prepare(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  if (::sqlite3_prepare_v2(database, sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
    return broken(database);
  return StatementPtr(raw);
}

/// Whether there is another row.
Result<bool> step(sqlite3* database, const StatementPtr& statement) {
  const int code = ::sqlite3_step(statement.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  if (code == SQLITE_INTERRUPT) return broken("reading it takes more work than any such file is worth");
  return broken(database);
}

/// A value that NSS wrote; empty where it is absent, which NSS writes as three bytes, or of another type.
Bytes blob(const StatementPtr& row, size_t column) {
  const int at = static_cast<int>(column);
  if (::sqlite3_column_type(row.get(), at) != SQLITE_BLOB) return {};
  const void* data = ::sqlite3_column_blob(row.get(), at);
  const Bytes out(static_cast<const uint8_t*>(data),
                  static_cast<size_t>(::sqlite3_column_bytes(row.get(), at)));
  constexpr std::array<uint8_t, 3> absent = {0xa5, 0x00, 0x5a};
  return data && !equal_vartime(out, absent) ? out : Bytes{};
}

/// A number, which NSS writes as four bytes, the most significant first; 0xffffffff for anything else.
uint32_t number(const StatementPtr& row, size_t column) {
  const Bytes bytes = blob(row, column);
  if (bytes.size() != 4) return 0xffffffff;
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

/// The columns that the table has, the others as NULL. A table that is really a table: what a view, a virtual
/// table or a generated column shows would be the work of functions.
Result<std::string> select_list(sqlite3* database) {
  BULLA_TRY(const StatementPtr kind,
            prepare(database,
                    "SELECT 1 FROM main.sqlite_schema WHERE name = 'nssPublic' AND type = 'table' AND "
                    "rootpage > 0"));
  BULLA_TRY(const bool is_table, step(database, kind));
  if (!is_table) return broken("it has no table nssPublic");
  BULLA_TRY(const StatementPtr info, prepare(database, "PRAGMA main.table_xinfo(nssPublic)"));
  std::array<bool, column_count> there = {};
  for (;;) {
    BULLA_TRY(const bool more, step(database, info));
    if (!more) break;
    if (::sqlite3_column_int(info.get(), 6) != 0) return broken("nssPublic has a column that is computed");
    const auto* name = reinterpret_cast<const char*>(::sqlite3_column_text(info.get(), 1));
    for (size_t i = 0; i < column_count; ++i)
      if (name && columns[i] == name) there[i] = true;
  }
  for (const Column needed : {object_class, value, issuer, serial})
    if (!there[needed]) return broken("nssPublic has no column " + std::string(columns[needed]));
  std::string out;
  for (size_t i = 0; i < column_count; ++i)
    out += (i ? ", " : "") + (there[i] ? std::string(columns[i]) : std::string("NULL"));
  return out;
}

// ---- what belongs together --------------------------------------------------------------------------------

struct Trust {
  NssTrust server = NssTrust::unsaid, client = NssTrust::unsaid;
};

/// Of two that speak of one certificate, the more careful one counts.
NssTrust both(NssTrust a, NssTrust b) {
  if (a == NssTrust::distrusted || b == NssTrust::distrusted) return NssTrust::distrusted;
  return a == b ? a : NssTrust::unsaid;
}

/// Trust objects name their certificate by issuer and serial number, and by a hash of it where they have one.
/// Names are chosen by whoever issues: without the hash, another certificate could take a place that was
/// given to this one.
class TrustIndex {
 public:
  void add(Bytes issuer, Bytes serial, Bytes hash, Trust trust) {
    const auto [at, is_new] = trust_.try_emplace(key(issuer, serial, hash), trust);
    if (is_new) return;
    at->second.server = both(at->second.server, trust.server);
    at->second.client = both(at->second.client, trust.client);
  }

  Trust of(const Certificate& certificate, const Provider& provider) const {
    const x509::ParsedCertificate& parsed = certificate.parsed();
    const std::vector<uint8_t> serial = integer_of(parsed.serial);
    std::optional<Trust> out;
    const std::vector<uint8_t> sha1 = x509::digest_of(provider, HashId::sha1, certificate.der());
    const std::vector<uint8_t> sha256 = x509::digest_of(provider, HashId::sha256, certificate.der());
    for (const Bytes hash : {Bytes(sha1), Bytes(sha256), Bytes()}) {
      const auto found = trust_.find(key(parsed.issuer, serial, hash));
      if (found == trust_.end()) continue;
      const Trust& one = found->second;
      out = out ? Trust{both(out->server, one.server), both(out->client, one.client)} : one;
    }
    return out.value_or(Trust{});
  }

 private:
  /// Lengths first, so that no two differ in where they are divided only.
  static std::string key(Bytes issuer, Bytes serial, Bytes hash) {
    std::string out = std::to_string(issuer.size()) + ',' + std::to_string(serial.size()) + ',';
    out += as_text(issuer);
    out += as_text(serial);
    return out += as_text(hash);
  }
  /// The DER of a serial number, whose content has less than 128 octets (RFC 5280 §4.1.2.2 allows 20).
  static std::vector<uint8_t> integer_of(Bytes content) {
    std::vector<uint8_t> out = {0x02, static_cast<uint8_t>(content.size())};
    out.insert(out.end(), content.begin(), content.end());
    return out;
  }
  std::unordered_map<std::string, Trust> trust_;
};

NssTrust meaning_of(uint32_t word, uint32_t TrustWord::* form) {
  for (const TrustWord& one : trust_words)
    if (one.*form == word) return one.meaning;
  return NssTrust::unsaid;
}

/// One trust object, in either form.
void add_trust(TrustIndex& index, const StatementPtr& row, uint32_t kind) {
  const bool is_nss = kind == class_nss_trust;
  const auto form = is_nss ? &TrustWord::nss : &TrustWord::standard;
  Trust trust = {meaning_of(number(row, is_nss ? nss_server : server), form),
                 meaning_of(number(row, is_nss ? nss_client : client), form)};
  Bytes named = blob(row, is_nss ? sha1 : hash);
  const uint32_t by = number(row, hash_algorithm);
  if (!is_nss && !named.empty() && by != mechanism_sha1 && by != mechanism_sha256) {
    // By a hash that is not known here nobody is trusted; who is distrusted stays it, by name.
    named = {};
    for (NssTrust* one : {&trust.server, &trust.client})
      if (*one != NssTrust::distrusted) *one = NssTrust::unsaid;
  }
  index.add(blob(row, issuer), blob(row, serial), named, trust);
}

Result<NssDatabase> read(sqlite3* database, const Provider& provider) {
  harden(database);
  int turns = 0;
  limit_steps(database, turns);
  BULLA_TRY(const std::string list, select_list(database));
  BULLA_TRY(const StatementPtr rows, prepare(database, "SELECT " + list + " FROM main.nssPublic"));
  NssDatabase out;
  TrustIndex trust;
  for (size_t objects = 0;; ++objects) {
    BULLA_TRY(const bool more, step(database, rows));
    if (!more) break;
    if (objects == most_objects) return broken("it has too many objects");
    const uint32_t kind = number(rows, object_class);
    if (kind == class_trust || kind == class_nss_trust) add_trust(trust, rows, kind);
    if (kind != class_certificate) continue;
    auto certificate = Certificate::from_der(blob(rows, value));
    if (certificate)
      out.entries.push_back(
          {.certificate = *std::move(certificate), .label = std::string(as_text(blob(rows, label)))});
    else
      ++out.unreadable;
  }
  for (NssEntry& entry : out.entries) {
    const Trust said = trust.of(*entry.certificate, provider);
    entry.server = said.server;
    entry.client = said.client;
  }
  return out;
}

Error in_file(const std::string& path, Error error) {
  error.detail = printable(path) + ": " + error.detail;
  return error;
}

}  // namespace

std::string nss_file_of(const std::string& place) {
  std::string path = place.starts_with("sql:") ? place.substr(4) : place;
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) return path;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path + "/cert9.db";
}

Result<NssDatabase> read_nss_file(const std::string& path, const Provider& provider) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0)
    return os::system_error(ErrorCode::file_not_readable, printable(path), errno);
  if (!S_ISREG(status.st_mode)) return in_file(path, broken("it is no file"));
  if (static_cast<uint64_t>(status.st_size) > most_database_bytes)
    return Error{ErrorCode::file_too_large,
                 printable(path) + " has " + std::to_string(status.st_size) + " bytes"};
  if (status.st_size == 0) return in_file(path, broken("it is empty"));
  sqlite3* raw = nullptr;
  const int code = ::sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
  const DatabasePtr database(raw);
  if (code != SQLITE_OK) {
    const int number = ::sqlite3_system_errno(raw);
    return os::system_error(ErrorCode::file_not_readable, printable(path), number ? number : EIO);
  }
  auto out = read(database.get(), provider);
  return out ? std::move(out) : in_file(path, std::move(out).error());
}

Result<NssDatabase> read_nss_bytes(Bytes file, const Provider& provider) {
  sqlite3* raw = nullptr;
  const int code = ::sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  const DatabasePtr database(raw);
  if (code != SQLITE_OK) return broken("no memory");
  // SQLite only reads what is READONLY, but takes it as writable memory.
  std::vector<uint8_t> copy(file.begin(), file.end());
  const auto size = static_cast<sqlite3_int64>(copy.size());
  if (copy.empty() ||
      ::sqlite3_deserialize(raw, "main", copy.data(), size, size, SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return broken("it is no database");
  return read(raw, provider);
}

}  // namespace bulla::trust
