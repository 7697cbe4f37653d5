// cert9.db, as NSS writes it and as nobody should.
#include "trust/nss_database.h"

#include "trust/fixture.h"
#include "x509/certificate.h"
#include "x509/digest.h"

#include <sqlite3.h>

#include <random>

namespace bulla::trust {
namespace {

using Value = std::variant<std::nullptr_t, std::vector<uint8_t>, std::string>;

std::vector<uint8_t> word(uint32_t n) {
  return {static_cast<uint8_t>(n >> 24), static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8),
          static_cast<uint8_t>(n)};
}
std::vector<uint8_t> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}
std::vector<uint8_t> digest(HashId id, Bytes data) {
  return x509::digest_of(default_provider(), id, data);
}

constexpr uint32_t peer = 0xce534351, anchor = 0xce534352, distrusted = 0xce53435a, valid = 0xce53435b;
constexpr const char* table =
    "CREATE TABLE nssPublic (id PRIMARY KEY UNIQUE ON CONFLICT ABORT, a0, a3, a11, a81, a82, a635, a8c, "
    "a62c, "
    "a62d, ace5363b4, ace536358, ace536359)";

/// A database that a test writes row by row.
class Written {
 public:
  explicit Written(const std::string& path, const std::string& schema = table) : path_(path) {
    EXPECT_EQ(::sqlite3_open(path.c_str(), &database_), SQLITE_OK);
    sql(schema);
  }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  ~Written() { ::sqlite3_close(database_); }

  void sql(const std::string& text) {
    char* message = nullptr;
    EXPECT_EQ(::sqlite3_exec(database_, text.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  }
  void row(const std::map<std::string, Value>& values) {
    std::string names = "id", marks = std::to_string(++id_);
    for (const auto& [name, value] : values) {
      names += ", " + name;
      marks += ", ?";
    }
    sqlite3_stmt* statement = nullptr;
    const std::string text = "INSERT INTO nssPublic (" + names + ") VALUES (" + marks + ')';
    ASSERT_EQ(::sqlite3_prepare_v2(database_, text.c_str(), -1, &statement, nullptr), SQLITE_OK);
    int at = 0;
    for (const auto& [name, value] : values) {
      ++at;
      if (const auto* blob = std::get_if<std::vector<uint8_t>>(&value))
        ::sqlite3_bind_blob(statement, at, blob->data(), static_cast<int>(blob->size()), SQLITE_TRANSIENT);
      if (const auto* string = std::get_if<std::string>(&value))
        ::sqlite3_bind_text(statement, at, string->c_str(), -1, SQLITE_TRANSIENT);
    }
    EXPECT_EQ(::sqlite3_step(statement), SQLITE_DONE);
    ::sqlite3_finalize(statement);
  }
  void certificate(const Certificate& one, const std::string& label = "x") {
    row({{"a0", word(1)}, {"a3", copy(as_bytes(label))}, {"a11", copy(one.der())}});
  }
  static std::vector<uint8_t> serial_of(const Certificate& one) {
    const Bytes content = one.parsed().serial;
    std::vector<uint8_t> out = {2, static_cast<uint8_t>(content.size())};
    out.insert(out.end(), content.begin(), content.end());
    return out;
  }
  /// A trust object as NSS writes it up to 3.117; nullptr: without a hash.
  void trust(const Certificate& one, uint32_t server, uint32_t client, const Certificate* hashed) {
    row({{"a0", word(0xce534353)},
         {"a81", copy(one.issuer_der())},
         {"a82", serial_of(one)},
         {"ace5363b4", hashed ? digest(HashId::sha1, hashed->der()) : std::vector<uint8_t>{0xa5, 0, 0x5a}},
         {"ace536358", word(server)},
         {"ace536359", word(client)}});
  }
  void trust(const Certificate& one, uint32_t server, uint32_t client) { trust(one, server, client, &one); }
  /// As PKCS #11 3.2 has it.
  void standard_trust(const Certificate& one, uint32_t server, uint32_t mechanism,
                      std::vector<uint8_t> hash) {
    row({{"a0", word(0x0b)},
         {"a81", copy(one.issuer_der())},
         {"a82", serial_of(one)},
         {"a635", std::move(hash)},
         {"a8c", word(mechanism)},
         {"a62c", word(server)},
         {"a62d", word(4)}});
  }

 private:
  std::string path_;
  sqlite3* database_ = nullptr;
  int id_ = 0;
};

class NssDatabaseTest : public TrustTest {
 protected:
  std::string file() const { return path("cert9.db"); }
  NssDatabase read() const { return read_nss_file(file(), default_provider()).value(); }
  Error error() const {
    auto read = read_nss_file(file(), default_provider());
    return read ? Error{ErrorCode::internal} : read.error();
  }
  /// What the one certificate of the database is trusted for.
  NssTrust server() const { return read().entries.at(0).server; }
  const Certificate& root() const { return *root_.certificate; }
};

TEST_F(NssDatabaseTest, EveryWordOfTrustIsHonoured) {
  const std::pair<uint32_t, NssTrust> words[] = {
      {anchor, NssTrust::anchor},    {peer, NssTrust::peer},         {distrusted, NssTrust::distrusted},
      {valid, NssTrust::unsaid},     {0xce534353, NssTrust::unsaid}, {0, NssTrust::unsaid},
      {2, NssTrust::unsaid},  // a word of the other form
      {0xffffffff, NssTrust::unsaid}};
  for (const auto& [value, meaning] : words) {
    std::filesystem::remove(file());
    Written db(file());
    db.certificate(root(), "a label");
    db.trust(root(), value, valid);
    ASSERT_EQ(read().entries.size(), 1u);
    EXPECT_EQ(read().entries[0].label, "a label");
    EXPECT_EQ(server(), meaning) << std::hex << value;
    EXPECT_EQ(read().entries[0].client, NssTrust::unsaid);
  }
}

TEST_F(NssDatabaseTest, TrustForClientsIsNoneForServers) {
  Written db(file());
  db.certificate(root());
  db.trust(root(), valid, anchor);
  EXPECT_EQ(nss_roots(path()).error().code, ErrorCode::certificate_not_found);
  EXPECT_EQ(nss_roots(path(), CertificatePurpose::client).value().size(), 1u);
}

TEST_F(NssDatabaseTest, WithoutATrustObjectNothingIsTrusted) {
  Written db(file());
  db.certificate(root());
  EXPECT_EQ(server(), NssTrust::unsaid);
  EXPECT_EQ(nss_roots(file()).error().code, ErrorCode::certificate_not_found);
}

TEST_F(NssDatabaseTest, TheHashSaysWhichCertificateIsMeant) {
  const CertificatePtr other = make_root("Other");
  Written db(file());
  db.certificate(root());
  db.trust(root(), anchor, valid, other.get());
  EXPECT_EQ(server(), NssTrust::unsaid) << "same issuer and serial number, another certificate";
}

TEST_F(NssDatabaseTest, WithoutAHashTheNameCounts) {
  Written db(file());
  db.certificate(root());
  db.trust(root(), anchor, valid, nullptr);
  EXPECT_EQ(server(), NssTrust::anchor);
}

TEST_F(NssDatabaseTest, TrustOfAnotherNameOrNumberIsNobodys) {
  const CertificatePtr other = make_root("Other");
  Written db(file());
  db.certificate(root());
  db.trust(*other, anchor, valid, nullptr);
  db.row({{"a0", word(0xce534353)},
          {"a81", copy(root().issuer_der())},
          {"a82", std::vector<uint8_t>{2, 1, 1}},
          {"ace536358", word(anchor)}});
  db.row({{"a0", word(0xce534353)}, {"ace536358", word(anchor)}});
  EXPECT_EQ(server(), NssTrust::unsaid);
}

TEST_F(NssDatabaseTest, DistrustWins) {
  for (const bool distrust_first : {true, false}) {
    for (const bool hashed : {true, false}) {
      std::filesystem::remove(file());
      Written db(file());
      db.certificate(root());
      db.trust(root(), distrust_first ? distrusted : anchor, valid);
      db.trust(root(), distrust_first ? anchor : distrusted, valid, hashed ? &root() : nullptr);
      EXPECT_EQ(server(), NssTrust::distrusted);
    }
  }
}

TEST_F(NssDatabaseTest, TheFormOfPkcs11IsReadToo) {
  const std::vector<uint8_t> sha256 = digest(HashId::sha256, root().der());
  const struct {
    uint32_t value, mechanism;
    std::vector<uint8_t> hash;
    NssTrust meaning;
  } cases[] = {
      {2, 0x250, sha256, NssTrust::anchor},
      {1, 0x250, sha256, NssTrust::peer},
      {3, 0x250, sha256, NssTrust::distrusted},
      {4, 0x250, sha256, NssTrust::unsaid},
      {0, 0x250, sha256, NssTrust::unsaid},
      {2, 0x220, digest(HashId::sha1, root().der()), NssTrust::anchor},
      {2, 0x250, std::vector<uint8_t>(32, 7), NssTrust::unsaid},
      {2, 0x251, sha256, NssTrust::unsaid},      // a hash that is not known here trusts nobody
      {3, 0x251, sha256, NssTrust::distrusted},  // and frees nobody from distrust
      {anchor, 0x250, sha256, NssTrust::unsaid},
  };
  for (const auto& one : cases) {
    std::filesystem::remove(file());
    Written db(file());
    db.certificate(root());
    db.standard_trust(root(), one.value, one.mechanism, one.hash);
    EXPECT_EQ(server(), one.meaning) << one.value << ' ' << std::hex << one.mechanism;
  }
}

TEST_F(NssDatabaseTest, OnlyCasAreRoots) {
  const CertificatePtr leaf = pki::SelfSigned{.names = {"localhost"}}.issue().value().chain.front();
  Written db(file());
  db.certificate(*leaf);
  db.trust(*leaf, anchor, valid);
  EXPECT_EQ(nss_roots(file()).error().code, ErrorCode::certificate_not_found);
}

TEST_F(NssDatabaseTest, WhatCannotBeParsedCostsNoOther) {
  Written db(file());
  db.row({{"a0", word(1)}, {"a11", std::vector<uint8_t>{0x30, 0x00}}});
  db.row({{"a0", word(1)}, {"a11", nullptr}});
  db.row({{"a0", word(1)}, {"a11", std::string("text")}});
  db.row({{"a0", std::string("text")}});
  db.row({{"a0", std::vector<uint8_t>{1}}, {"a11", copy(root().der())}});
  db.row({});
  db.certificate(root());
  db.trust(root(), anchor, valid);
  EXPECT_EQ(read().unreadable, 3u);
  EXPECT_EQ(read().entries.size(), 1u);
  EXPECT_EQ(nss_roots(path()).value().size(), 1u);
}

TEST_F(NssDatabaseTest, ThePlaceIsAFolderOrAFile) {
  Written db(file());
  db.certificate(root());
  db.trust(root(), anchor, valid);
  for (const std::string& place : {path(), path() + "/", "sql:" + path(), file(), "sql:" + file()})
    EXPECT_EQ(nss_roots(place).value().size(), 1u) << place;
}

// ---- hostile files ----------------------------------------------------------------------------------------

TEST_F(NssDatabaseTest, WhatIsNoDatabaseIsRefused) {
  EXPECT_EQ(error().code, ErrorCode::file_not_readable);
  put("cert9.db", "");
  EXPECT_EQ(error().code, ErrorCode::nss_database_broken);
  put("cert9.db", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(error().code, ErrorCode::nss_database_broken);
  EXPECT_NE(error().detail.find(file()), std::string::npos);
  EXPECT_EQ(read_nss_file("/dev/zero", default_provider()).error().code, ErrorCode::nss_database_broken);
  EXPECT_EQ(nss_roots(":memory:").error().code, ErrorCode::file_not_readable);
  EXPECT_EQ(nss_roots("file:x?mode=memory").error().code, ErrorCode::file_not_readable);
  std::filesystem::remove(file());
  make_folder("cert9.db");
  EXPECT_FALSE(read_nss_file(file(), default_provider()));
}

TEST_F(NssDatabaseTest, AFileThatIsTooLargeIsNotOpened) {
  put("cert9.db", "");
  std::filesystem::resize_file(file(), most_database_bytes + 1);
  EXPECT_EQ(error().code, ErrorCode::file_too_large);
}

TEST_F(NssDatabaseTest, OtherTablesAreNotTheTable) {
  for (const char* schema : {
           "CREATE TABLE other (a)",
           "CREATE TABLE nssPublic (id, a0, a11, a81)",
           "CREATE TABLE x (a0, a11, a81, a82); CREATE VIEW nssPublic AS SELECT * FROM x",
           "CREATE VIEW nssPublic AS WITH RECURSIVE r(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM r) SELECT n "
           "AS "
           "a0, n AS a11, n AS a81, n AS a82 FROM r",
           "CREATE TABLE nssPublic (id, a0, a11, a81, a82 AS (zeroblob(1000000)))",
           "CREATE TABLE nssPublic (id, a0, a11, a81, a82, z GENERATED ALWAYS AS (hex(a0)) STORED)",
       }) {
    std::filesystem::remove(file());
    {
      const Written db(file(), schema);
    }
    EXPECT_EQ(error().code, ErrorCode::nss_database_broken) << schema;
  }
}

TEST_F(NssDatabaseTest, TooManyObjectsAreRefusedInTime) {
  Written db(file());
  db.sql(
      "WITH RECURSIVE r(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM r WHERE n < 100001) INSERT INTO nssPublic "
      "(id, a0) SELECT n, x'00000009' FROM r");
  EXPECT_EQ(error().code, ErrorCode::nss_database_broken);
  EXPECT_NE(error().detail.find("too many"), std::string::npos);
}

TEST_F(NssDatabaseTest, AValueThatIsTooLongIsRefused) {
  Written db(file());
  db.sql("INSERT INTO nssPublic (id, a0, a11) VALUES (1, x'00000001', zeroblob(3000000))");
  EXPECT_EQ(error().code, ErrorCode::nss_database_broken);
}

TEST_F(NssDatabaseTest, ManyOfOneNameCostNoMoreThanOthers) {
  Written db(file());
  db.sql("BEGIN");
  for (int i = 0; i < 20'000; ++i) db.trust(root(), anchor, valid, nullptr);
  for (int i = 0; i < 500; ++i) db.certificate(root());
  db.sql("COMMIT");
  EXPECT_EQ(read().entries.size(), 500u);
  EXPECT_EQ(server(), NssTrust::anchor);
}

TEST_F(NssDatabaseTest, CutAndBentFilesNeverCrash) {
  {
    Written db(file());
    db.certificate(root());
    db.trust(root(), anchor, valid);
  }
  const std::string whole = get("cert9.db");
  for (size_t size = 0; size < whole.size(); size += 97)
    (void)read_nss_bytes(as_bytes(whole).first(size), default_provider());
  std::mt19937 random(1);
  size_t refused = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string bent = whole;
    for (int j = 0; j < 4; ++j) bent[random() % bent.size()] = static_cast<char>(random());
    const auto read = read_nss_bytes(as_bytes(bent), default_provider());
    refused += !read;
    if (!read) {
      EXPECT_EQ(read.error().code, ErrorCode::nss_database_broken);
    }
  }
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(read_nss_bytes(as_bytes(whole), default_provider()).value().entries.size(), 1u);
}

TEST_F(NssDatabaseTest, ReadingChangesNothingAndWaitsForNobodyWhoReads) {
  Written db(file());
  db.certificate(root());
  const std::string before = get("cert9.db");
  db.sql("BEGIN; SELECT * FROM nssPublic");
  EXPECT_EQ(read().entries.size(), 1u);
  db.sql("COMMIT");
  EXPECT_EQ(get("cert9.db"), before);
  EXPECT_FALSE(std::filesystem::exists(file() + "-journal"));
}

// ---- NSS itself -------------------------------------------------------------------------------------------

TEST_F(NssDatabaseTest, WhatCertutilWritesIsRead) {
  if (!installed("certutil")) GTEST_SKIP() << "certutil (libnss3-tools) is not installed";
  must("certutil -N --empty-password -d sql:.");
  const std::pair<const char*, NssTrust> flags[] = {
      {"C,,", NssTrust::anchor}, {"CT,C,C", NssTrust::anchor}, {"c,,", NssTrust::unsaid},
      {"T,,", NssTrust::unsaid}, {"P,,", NssTrust::peer},      {"p,,", NssTrust::distrusted},
      {",,", NssTrust::unsaid},  {",C,", NssTrust::unsaid},    {",,C", NssTrust::unsaid}};
  int i = 0;
  for (const auto& [trust, meaning] : flags) {
    const std::string name = "root-" + std::to_string(i++);
    const CertificatePtr one = make_root(name);
    put(name + ".pem", pem(one));
    must("certutil -A -d sql:. -n " + name + " -t " + trust + " -i " + name + ".pem");
    bool is_found = false;
    for (const NssEntry& entry : read().entries) {
      if (!equal_vartime(entry.certificate->der(), one->der())) continue;
      is_found = true;
      EXPECT_EQ(entry.server, meaning) << trust;
      EXPECT_EQ(entry.label, name);
      EXPECT_EQ(entry.client == NssTrust::anchor, std::string_view(trust).find('T') != std::string_view::npos)
          << trust;
    }
    EXPECT_TRUE(is_found) << trust;
  }
  EXPECT_EQ(nss_roots(path()).value().size(), 2u);
  EXPECT_EQ(nss_roots(path(), CertificatePurpose::client).value().size(), 2u);
}

}  // namespace
}  // namespace bulla::trust
