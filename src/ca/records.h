// The table of everything that a CA issued: its schema, and the few sentences that are said of it in SQL.
#pragma once

#include "ca/database.h"

#include <bulla/ca.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::ca {

/// What is to be recorded.
struct Entry {
  const Certificate& certificate;
  const Certificate& issuer;  ///< added where it is not known
  Template made_for = Template::both;
  Origin origin = Origin::issue;
  Time at = {};
  std::string_view predecessor = {};  ///< a serial number that is recorded; or empty
};

/// A revoked certificate as far as a list speaks of it.
struct RevokedRow {
  std::string serial = {};
  Time not_after = {};
  Revocation revocation = {};
};

/// What is known of a serial number.
struct Standing {
  bool issued = false;                        ///< there is such a certificate
  std::optional<Revocation> revocation = {};  ///< and it was revoked
};

/// Functions that change something stand between begin() and Transaction::commit. Errors: those of Database;
/// ca_records_broken where a row makes no sense.
class Records {
 public:
  /// A new file, for its owner only. Errors: file_exists.
  static Result<Records> create(const std::string& path, const RevocationUrls& urls);
  /// A file with records. Errors: ca_records_newer; ca_records_broken also where it is missing or empty.
  static Result<Records> open(const std::string& path, Milliseconds patience = default_patience);
  /// The same; makes the file where it is missing, and the tables where it is empty: a first call that was
  /// cut off is thereby repeated.
  static Result<Records> open_or_create(const std::string& path);

  Result<Transaction> begin() const { return Transaction::begin(database_); }

  /// False where the serial number is in the records already; then nothing has changed.
  Result<bool> add(const Entry& entry) const;
  Result<void> revoke(std::string_view serial, const Revocation& revocation) const;
  Result<uint64_t> next_crl_number(const Certificate& issuer) const;
  /// Remembers that a list of this issuer that speaks of `at` lies where others find it.
  Result<void> set_list_published(const Certificate& issuer, Time at) const;

  Result<std::vector<Record>> list(const Filter& filter) const;
  /// `serial` as Certificate::serial writes it, whole.
  Result<std::optional<Record>> with_serial(std::string_view serial) const;
  /// Those whose numbers begin so; at most two, which is one too many.
  Result<std::vector<Record>> with_prefix(std::string_view digits) const;
  /// The newest with this name, those that are not revoked first.
  Result<std::optional<Record>> with_name(std::string_view name) const;
  /// What was revoked of the certificates that say to be from an issuer of this name, the oldest first.
  Result<std::vector<RevokedRow>> revoked_by(const Certificate& issuer) const;
  /// The certificate with this number that this very issuer signed. Nothing is parsed: a row is enough.
  Result<Standing> standing(std::string_view serial, const Certificate& issuer) const;
  /// The latest moment given to set_list_published; none: never.
  Result<std::optional<Time>> list_published(const Certificate& issuer) const;
  Result<RevocationUrls> urls() const;

 private:
  explicit Records(Database database) noexcept : database_(std::move(database)) {}
  static Result<Records> checked(Database database);
  Result<int64_t> issuer_id(const Certificate& issuer) const;
  Result<std::vector<Record>> read(Statement& statement) const;
  Database database_;
};

}  // namespace bulla::ca
