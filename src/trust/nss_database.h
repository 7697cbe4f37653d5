// cert9.db, the certificate database of NSS: PKCS #11 objects as rows of a table of SQLite, one column an
// attribute. Whoever may write the file says what is trusted; that does not make it well-formed.
#pragma once

#include <bulla/certificate.h>
#include <bulla/provider.h>
#include <bulla/result.h>

#include <string>
#include <vector>

namespace bulla::trust {

/// What the database says of a certificate for one purpose.
enum class NssTrust : uint8_t {
  unsaid,      ///< nothing: it is what other certificates make of it
  peer,        ///< itself, and nothing that it signed ("P")
  anchor,      ///< it is a CA that may certify ("C" for servers, "T" for clients)
  distrusted,  ///< not even if others vouch for it ("p" alone)
};

struct NssEntry {
  CertificatePtr certificate = {};  ///< never nullptr
  std::string label = {};           ///< the nickname, any bytes
  NssTrust server = NssTrust::unsaid;
  NssTrust client = NssTrust::unsaid;
};

struct NssDatabase {
  std::vector<NssEntry> entries = {};  ///< as they stand in the file
  size_t unreadable = 0;               ///< certificates that could not be parsed
};

/// What is more is not read.
inline constexpr size_t most_database_bytes = size_t{64} << 20;

/// The file under "sql:FOLDER", "FOLDER" or the file's own name.
std::string nss_file_of(const std::string& place);
/// Reads a file, as another process may be writing it. Errors: file_not_readable, file_too_large,
/// nss_database_broken.
Result<NssDatabase> read_nss_file(const std::string& path, const Provider& provider);
/// Reads the bytes of a file. Error: nss_database_broken.
Result<NssDatabase> read_nss_bytes(Bytes file, const Provider& provider);

}  // namespace bulla::trust
