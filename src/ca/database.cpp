#include "ca/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace bulla::ca {
namespace {

/// What SQLite says, for our table of errors. Its extended codes have the plain one in the low byte.
ErrorCode code_for(int code) noexcept {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::ca_records_busy;
    case SQLITE_READONLY:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return ErrorCode::file_not_writable;  // the journal beside it
    default: return ErrorCode::ca_records_broken;
  }
}

}  // namespace

void CloseDatabase::operator()(sqlite3* database) const noexcept {
  ::sqlite3_close_v2(database);
}
void FinishStatement::operator()(sqlite3_stmt* statement) const noexcept {
  ::sqlite3_finalize(statement);
}

// ---- statements -------------------------------------------------------------------------------------------

Statement& Statement::bind(std::string_view text) {
  const int code = ::sqlite3_bind_text64(statement_.get(), ++parameter_, text.empty() ? "" : text.data(),
                                         text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (!failed_) failed_ = code;
  return *this;
}

Statement& Statement::bind(Bytes blob) {
  const int code =
      ::sqlite3_bind_blob64(statement_.get(), ++parameter_, blob.data(), blob.size(), SQLITE_TRANSIENT);
  if (!failed_) failed_ = code;
  return *this;
}

Statement& Statement::bind(int64_t number) {
  const int code = ::sqlite3_bind_int64(statement_.get(), ++parameter_, number);
  if (!failed_) failed_ = code;
  return *this;
}

Statement& Statement::bind_null() {
  const int code = ::sqlite3_bind_null(statement_.get(), ++parameter_);
  if (!failed_) failed_ = code;
  return *this;
}

Result<bool> Statement::step() {
  if (failed_) return database_->error(failed_);
  column_ = 0;
  const int code = ::sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->error(code);
}

Result<void> Statement::run() {
  BULLA_TRY(step());
  return {};
}

Result<bool> Statement::insert() {
  if (failed_) return database_->error(failed_);
  const int code = ::sqlite3_step(statement_.get());
  if (code == SQLITE_DONE) return true;
  if (code == SQLITE_CONSTRAINT_UNIQUE) return false;
  return database_->error(code);
}

int64_t Statement::integer() {
  return ::sqlite3_column_int64(statement_.get(), column_++);
}

std::string_view Statement::text() {
  return as_text(blob());
}

Bytes Statement::blob() {
  const int at = column_++;
  const void* data = ::sqlite3_column_blob(statement_.get(), at);  // before the size: it may convert
  const int size = ::sqlite3_column_bytes(statement_.get(), at);
  if (!data) return {};
  return {static_cast<const uint8_t*>(data), static_cast<size_t>(size)};
}

bool Statement::is_null() const {
  return ::sqlite3_column_type(statement_.get(), column_) == SQLITE_NULL;
}

// ---- connections ------------------------------------------------------------------------------------------

Error Database::error(int code) const {
  std::string detail = printable(path_) + ": " + ::sqlite3_errstr(code);
  const int system = ::sqlite3_system_errno(database_.get());
  const ErrorCode ours = code_for(code);
  if (ours != ErrorCode::ca_records_broken && system != 0)
    detail += std::string(" (") + std::strerror(system) + ')';
  const char* said = ::sqlite3_errmsg(database_.get());
  if (ours == ErrorCode::ca_records_broken && said && detail.find(said) == std::string::npos)
    detail += ": " + printable(said);
  return {ours, std::move(detail)};
}

Result<Database> Database::open(const std::string& path, Milliseconds patience) {
  sqlite3* raw = nullptr;
  const int code =
      ::sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
  Database out(path, raw);
  if ((code & 0xff) == SQLITE_CANTOPEN) {
    const int system = ::sqlite3_system_errno(raw);
    return Error{ErrorCode::file_not_readable,
                 printable(path) + ": " + std::strerror(system ? system : ENOENT)};
  }
  if (code != SQLITE_OK) return out.error(code);
  ::sqlite3_busy_timeout(raw, static_cast<int>(patience.count()));
  // What is in the file may be an attacker's, or damaged: its schema may call no functions of ours.
  ::sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // A rollback journal, which is gone while nobody writes: one file to copy, and no memory that processes
  // share. EXTRA: each commit waits until the journal's end is on the disk too, in the folder
  // (docs/decisions/0004).
  for (const char* pragma : {"PRAGMA journal_mode = DELETE", "PRAGMA synchronous = EXTRA",
                             "PRAGMA foreign_keys = ON", "PRAGMA cell_size_check = ON"}) {
    BULLA_TRY(Statement statement, out.prepare(pragma));
    BULLA_TRY(statement.step());
  }
  return out;
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* raw = nullptr;
  const int code =
      ::sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  if (code != SQLITE_OK) return error(code);
  return Statement(*this, raw);
}

Result<void> Database::run(std::string_view sql) const {
  BULLA_TRY(Statement statement, prepare(sql));
  return statement.run();
}

Result<int64_t> Database::number(std::string_view sql) const {
  BULLA_TRY(Statement statement, prepare(sql));
  BULLA_TRY(const bool any, statement.step());
  return any ? statement.integer() : 0;
}

// ---- transactions -----------------------------------------------------------------------------------------

Result<Transaction> Transaction::begin(const Database& database) {
  // IMMEDIATE: to wait is possible here, before anything was read, and not later.
  BULLA_TRY(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ && !::sqlite3_get_autocommit(database_->database_.get())) (void)database_->run("ROLLBACK");
}

Result<void> Transaction::commit() {
  BULLA_TRY(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace bulla::ca
