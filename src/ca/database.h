// SQLite as this room uses it: a connection that keeps what it commits, statements, and transactions that
// end.
#pragma once

#include <bulla/bytes.h>
#include <bulla/result.h>
#include <bulla/time.h>

#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace bulla::ca {

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept;
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const noexcept;
};

class Database;

/// A prepared statement with its values. Binding never fails on its own: step() says what was wrong.
class Statement {
 public:
  /// The value of the next parameter, which is copied.
  Statement& bind(std::string_view text);
  Statement& bind(Bytes blob);
  Statement& bind(int64_t number);
  Statement& bind_null();
  /// The text, or NULL where it is empty.
  Statement& bind_or_null(std::string_view text) { return text.empty() ? bind_null() : bind(text); }

  /// Whether there is a row (another one). Errors: those of Database.
  Result<bool> step();
  /// For a statement that gives no rows.
  Result<void> run();
  /// For an INSERT: false where a value that must be unique is there already; then nothing has changed.
  Result<bool> insert();

  /// The next column of the row. The types are those of the schema (STRICT); views live until the next step.
  int64_t integer();
  std::string_view text();
  Bytes blob();
  bool is_null() const;
  void skip() noexcept { ++column_; }

 private:
  friend class Database;
  Statement(const Database& database, sqlite3_stmt* statement) noexcept
      : database_(&database), statement_(statement) {}
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, FinishStatement> statement_;
  int parameter_ = 0, column_ = 0;
  int failed_ = 0;  ///< SQLite's code of the first bind that failed
};

/// Long enough for many processes that take turns on a slow disk.
inline constexpr Milliseconds default_patience{60'000};

/// A connection. Errors of everything here: ca_records_broken, ca_records_busy, file_not_readable,
/// file_not_writable; each names the file.
class Database {
 public:
  /// Opens a file that is there; it may be empty. `patience`: how long another process may hold it.
  static Result<Database> open(const std::string& path, Milliseconds patience = default_patience);

  Result<Statement> prepare(std::string_view sql) const;
  /// One statement without parameters and rows.
  Result<void> run(std::string_view sql) const;
  /// The number that a statement gives in its only row: a PRAGMA, a count.
  Result<int64_t> number(std::string_view sql) const;

  const std::string& path() const noexcept { return path_; }
  Error error(int code) const;

 private:
  friend class Transaction;
  Database(std::string path, sqlite3* database) noexcept : path_(std::move(path)), database_(database) {}
  std::string path_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
};

/// From BEGIN IMMEDIATE on, no other process changes the records; what is not committed never was.
class Transaction {
 public:
  static Result<Transaction> begin(const Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// Success: it is on the disk.
  Result<void> commit();

 private:
  explicit Transaction(const Database& database) noexcept : database_(&database) {}
  const Database* database_;
};

}  // namespace bulla::ca
