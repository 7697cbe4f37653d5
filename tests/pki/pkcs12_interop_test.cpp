// PKCS#12 files of OpenSSL, GnuTLS, Java and NSS, and ours in their hands. A program that is not there is
// skipped.
#include "pki/openssl_test.h"

#include <bulla/pkcs12.h>

#include <cstdlib>

namespace bulla::pki {
namespace {

using test::OpensslTest;

constexpr std::string_view passphrase = "correct horse";
constexpr Pkcs12Protection cheap = {.passphrase = passphrase, .iterations = 5000};

struct Pkcs12InteropTest : OpensslTest {
  bool has(const std::string& program) const { return run("command -v " + program).status == 0; }

  /// A CA in ca.pem, a leaf below it in leaf.pem with its key in key.pem.
  void make_chain(const std::string& kind = "EC -pkeyopt ec_paramgen_curve:P-256") const {
    must(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj '/CN=Some CA' -days "
        "9");
    must("openssl genpkey -algorithm " + kind + " -out key.pem");
    must("openssl req -new -key key.pem -subj /CN=leaf.example -out leaf.csr");
    must("openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 5 -out leaf.pem");
    must("openssl pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der");
    must("cat leaf.pem ca.pem > chain.pem");
  }
  std::string text_of(const std::string& pem_file) const {
    const std::string pem = get(pem_file);
    return to_pem(Certificate::from_pem_or_der(as_bytes(pem)).value());
  }
  Result<Pkcs12> open(const std::string& file, std::string_view by = passphrase,
                      const Pkcs12Choice& choice = {}) const {
    const std::string content = get(file);
    return Pkcs12::open(as_bytes(content), by, choice);
  }
  /// It opens with the passphrase and no other, to the key and the whole chain.
  void expect_opens(const std::string& file, const std::string& name, std::string_view by = passphrase,
                    const std::string& chain = "chain.pem") const {
    const auto opened = open(file, by);
    ASSERT_TRUE(opened) << opened.error().explain();
    ASSERT_TRUE(opened->key.has_value());
    const std::string key = get("key.der");
    const auto wanted = KeyPair::load(as_bytes(key)).value();
    EXPECT_TRUE(equal_vartime(opened->key->to_pkcs8().reveal(), wanted.to_pkcs8().reveal()));
    EXPECT_EQ(to_pem(opened->chain), text_of(chain));
    EXPECT_EQ(opened->friendly_name, name);
    EXPECT_EQ(open(file, "correct house").error().code, ErrorCode::pkcs12_passphrase_wrong);
    if (!by.empty()) {
      EXPECT_EQ(open(file, "").error().code, ErrorCode::pkcs12_passphrase_needed);
    }
  }
  /// Our file of the chain, in ours.p12.
  void write_ours(const Pkcs12Protection& how, const std::string& name = "my name") const {
    const std::string chain = get("chain.pem"), key = get("key.der");
    Pkcs12 file{.key = KeyPair::load(as_bytes(key)).value(),
                .chain = Certificate::from_pem_or_der(as_bytes(chain)).value(),
                .friendly_name = name};
    const auto der = file.write(how);
    ASSERT_TRUE(der) << der.error().explain();
    put("ours.p12", *der);
  }
};

const std::string export_chain =
    "openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile ca.pem -name 'my name' ";
const std::string passout = "-passout 'pass:correct horse' ";

// ---- OpenSSL -------------------------------------------------------------------------------------------

// What the four programs wrote once (tests/pki/data/make_pkcs12_seeds.sh): for machines without them.
TEST(Pkcs12Files, OfEveryProgramAreOpened) {
  const auto open = [](const std::string& name, std::string_view by) {
    std::ifstream file(BULLA_SOURCE_DIR "/fuzz/corpus/pkcs12/" + name + ".p12", std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    return Pkcs12::open(as_bytes(content), by);
  };
  for (const char* name : {"openssl", "openssl_sha1", "openssl_plain", "pbmac1", "gnutls", "java", "nss"}) {
    const auto opened = open(name, passphrase);
    ASSERT_TRUE(opened) << name << ": " << opened.error().explain();
    EXPECT_EQ(opened->friendly_name, "seed") << name;
    EXPECT_EQ(opened->chain.size(), 1u) << name;
    EXPECT_TRUE(opened->identity().ok()) << name;
  }
  EXPECT_TRUE(open("openssl_empty", "").ok());
  EXPECT_EQ(open("openssl_legacy", passphrase).error().code, ErrorCode::pkcs12_unsupported);
}

TEST_F(Pkcs12InteropTest, opens_what_openssl_writes) {
  make_chain();
  for (const char* how : {"", "-keypbe AES-128-CBC -certpbe AES-192-CBC", "-macalg sha1", "-macalg sha384",
                          "-macalg sha512", "-iter 1", "-nomaciter", "-certpbe NONE",
                          "-keypbe NONE -certpbe NONE", "-maciter -iter 100000", "-caname other"}) {
    SCOPED_TRACE(how);
    must(export_chain + passout + how + " -out o.p12");
    expect_opens("o.p12", "my name");
  }
}

TEST_F(Pkcs12InteropTest, opens_what_openssl_writes_for_every_kind_of_key) {
  for (const char* kind :
       {"RSA", "ED25519", "EC -pkeyopt ec_paramgen_curve:P-384", "EC -pkeyopt ec_paramgen_curve:P-521"}) {
    SCOPED_TRACE(kind);
    make_chain(kind);
    must(export_chain + passout + "-out o.p12");
    expect_opens("o.p12", "my name");
  }
}

// RFC 7292 §B.1: in UTF-8, as a terminal gives it; characters beyond the BMP; none at all.
TEST_F(Pkcs12InteropTest, passphrases_of_openssl) {
  make_chain();
  for (const char* text : {"p\xc3\xa4ss", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "\xf0\x9f\x94\x92", ""}) {
    SCOPED_TRACE(text);
    must(export_chain + "-passout 'pass:" + text + "' -out o.p12");
    expect_opens("o.p12", "my name", text);
    if (!*text) continue;
    write_ours({.passphrase = text, .iterations = 1000});
    must("openssl pkcs12 -in ours.p12 -passin 'pass:" + std::string(text) + "' -nodes -out all.pem");
  }
}

TEST_F(Pkcs12InteropTest, old_files_are_refused_with_the_command_that_converts_them) {
  make_chain();
  must(export_chain + passout + "-legacy -out old.p12");
  const auto refused = open("old.p12");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::pkcs12_unsupported);
  EXPECT_NE(refused.error().message().find("RC2 of 40 bits"), std::string::npos) << refused.error().message();
  must(export_chain + passout + "-legacy -descert -out des.p12");
  EXPECT_NE(open("des.p12").error().message().find("3DES"), std::string::npos);
  const std::string remedy(refused.error().row().remedy);
  const size_t begin = remedy.find('`') + 1, end = remedy.find('`', begin);
  std::string command = remedy.substr(begin, end - begin);
  command.replace(command.find(" FILE"), 5, " old.p12");
  command.replace(command.find(" NEW"), 4, " new.pem");
  must(command + " -passin 'pass:correct horse' -passout 'pass:correct horse'");
  const std::string pem = get("new.pem");
  EXPECT_TRUE(KeyPair::load(as_bytes(pem), passphrase).ok());
  EXPECT_EQ(Certificate::from_pem_or_der(as_bytes(pem)).value().size(), 2u);
}

TEST_F(Pkcs12InteropTest, a_file_without_mac_is_refused_with_the_command_that_reads_it) {
  make_chain();
  must(export_chain + passout + "-nomac -out o.p12");
  const auto refused = open("o.p12");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::pkcs12_unsupported);
  const std::string remedy = refused.error().remedy;
  const size_t begin = remedy.find('`') + 1, end = remedy.find('`', begin);
  std::string command = remedy.substr(begin, end - begin);
  command.replace(command.find(" FILE"), 5, " o.p12");
  command.replace(command.find(" NEW"), 4, " new.pem");
  must(command + " -passin 'pass:correct horse' -passout 'pass:correct horse'");
  EXPECT_TRUE(KeyPair::load(as_bytes(get("new.pem")), passphrase).ok());
}

TEST_F(Pkcs12InteropTest, openssl_opens_ours) {
  make_chain();
  write_ours({.passphrase = passphrase});  // as we write when nothing is said
  const std::string info =
      must("openssl pkcs12 -in ours.p12 -passin 'pass:correct horse' -info -nodes -out all.pem");
  for (const char* part : {"MAC: sha256, Iteration 600000", "PBES2, PBKDF2, AES-256-CBC, Iteration 600000"})
    EXPECT_NE(info.find(part), std::string::npos) << info;
  must(
      "openssl pkey -in all.pem -pubout -outform DER -out a.der; openssl pkey -in key.pem -pubout -outform "
      "DER -out b.der; cmp a.der b.der");
  EXPECT_NE(get("all.pem").find("friendlyName: my name"), std::string::npos);
  EXPECT_EQ(text_of("all.pem"), text_of("chain.pem"));
  EXPECT_NE(run("openssl pkcs12 -in ours.p12 -passin 'pass:correct house' -nokeys").status, 0);
}

// ---- GnuTLS --------------------------------------------------------------------------------------------

TEST_F(Pkcs12InteropTest, opens_what_gnutls_writes) {
  if (!has("certtool")) GTEST_SKIP() << "certtool is not installed";
  make_chain();
  const std::string command =
      "certtool --to-p12 --load-privkey key.pem --load-certificate chain.pem --outder --outfile g.p12 "
      "--p12-name 'my name' ";
  must(command + "--password 'correct horse'");
  expect_opens("g.p12", "my name");
  for (const char* cipher : {"aes-256"}) {
    must(command + "--password 'correct horse' --pkcs-cipher=" + cipher);
    expect_opens("g.p12", "my name");
  }
  must(command + "--password 'p\xc3\xa4ss\xf0\x9f\x94\x92'");
  expect_opens("g.p12", "my name", "p\xc3\xa4ss\xf0\x9f\x94\x92");
  must(command + "--empty-password");
  expect_opens("g.p12", "my name", "");
  must(command + "--null-password");
  expect_opens("g.p12", "my name", "");
}

TEST_F(Pkcs12InteropTest, gnutls_opens_ours) {
  if (!has("certtool")) GTEST_SKIP() << "certtool is not installed";
  make_chain();
  for (const std::string text : {"correct horse", "p\xc3\xa4ss\xf0\x9f\x94\x92"}) {
    write_ours({.passphrase = text, .iterations = 5000});
    const std::string info = must("certtool --p12-info --inder --infile ours.p12 --password '" + text + "'");
    EXPECT_NE(info.find("my name"), std::string::npos) << info;
    EXPECT_NE(info.find("BEGIN CERTIFICATE"), std::string::npos) << info;
    EXPECT_NE(info.find("PBES2-AES256-CBC"), std::string::npos) << info;
    put("info", info);
    must("sed -n '/BEGIN ENCRYPTED/,/END ENCRYPTED/p' info > enc.pem");  // as it stands in the file
    must("certtool --pubkey-info --load-privkey enc.pem --password '" + text +
         "' --outder --outfile a.der; openssl pkey -in key.pem -pubout -outform DER -out b.der; cmp a.der "
         "b.der");
  }
  EXPECT_NE(run("certtool --p12-info --inder --infile ours.p12 --password x").status, 0);
}

// ---- Java ----------------------------------------------------------------------------------------------

const std::string storepass = " -storepass 'correct horse' ";

TEST_F(Pkcs12InteropTest, opens_what_java_writes) {
  if (!has("keytool")) GTEST_SKIP() << "keytool is not installed";
  make_chain();
  must(export_chain + passout + "-out o.p12");
  must(
      "keytool -importkeystore -noprompt -srckeystore o.p12 -srcstorepass 'correct horse' -srcstoretype "
      "PKCS12 "
      "-destkeystore j.p12 -deststorepass 'correct horse' -deststoretype PKCS12");
  expect_opens("j.p12", "my name");
  // A second key, made by Java itself, and a certificate to be trusted.
  must("keytool -genkeypair -keyalg EC -alias second -dname CN=second -keystore j.p12" + storepass);
  must("keytool -importcert -noprompt -alias trusted -file ca.pem -keystore j.p12" + storepass);
  EXPECT_EQ(open("j.p12").error().code, ErrorCode::bad_argument);
  const auto second = open("j.p12", passphrase, {.friendly_name = "second"});
  ASSERT_TRUE(second) << second.error().explain();
  EXPECT_EQ(second->chain.front()->subject(), "CN=second");
  EXPECT_TRUE(second->identity().ok());
}

TEST_F(Pkcs12InteropTest, java_opens_ours) {
  if (!has("keytool")) GTEST_SKIP() << "keytool is not installed";
  make_chain();
  write_ours(cheap);
  const std::string list = must("keytool -list -v -storetype PKCS12 -keystore ours.p12" + storepass);
  for (const char* part : {"Alias name: my name", "PrivateKeyEntry", "Certificate chain length: 2"})
    EXPECT_NE(list.find(part), std::string::npos) << list;
  must(
      "keytool -importkeystore -noprompt -srckeystore ours.p12 -srcstorepass 'correct horse' -srcstoretype "
      "PKCS12 "
      "-destkeystore j.p12 -deststorepass 'correct horse' -deststoretype PKCS12");
  expect_opens("j.p12", "my name");
  EXPECT_NE(run("keytool -list -storetype PKCS12 -keystore ours.p12 -storepass 'correct house'").status, 0);
}

TEST_F(Pkcs12InteropTest, certificates_alone_are_trusted_by_java) {
  if (!has("keytool")) GTEST_SKIP() << "keytool is not installed";
  make_chain();
  const std::string ca = get("ca.pem"), leaf = get("leaf.pem");
  Pkcs12 file;
  for (const std::string* pem : {&ca, &leaf})
    file.further.push_back(Certificate::from_pem_or_der(as_bytes(*pem)).value().front());
  put("ours.p12", file.write(cheap).value());
  const std::string list = must("keytool -list -storetype PKCS12 -keystore ours.p12" + storepass);
  EXPECT_NE(list.find("contains 2 entries"), std::string::npos) << list;
  EXPECT_NE(list.find("trustedCertEntry"), std::string::npos) << list;
  // And the other way round.
  must("keytool -importcert -noprompt -alias trusted -file ca.pem -keystore t.p12" + storepass);
  const auto opened = open("t.p12");
  ASSERT_TRUE(opened) << opened.error().explain();
  EXPECT_FALSE(opened->key.has_value());
  EXPECT_EQ(to_pem(opened->further), text_of("ca.pem"));
}

// ---- NSS: BER with indefinite lengths ------------------------------------------------------------------

TEST_F(Pkcs12InteropTest, nss_opens_ours_and_we_open_what_it_writes) {
  if (!has("pk12util") || !has("certutil")) GTEST_SKIP() << "pk12util or certutil is not installed";
  int number = 0;
  for (const auto& [kind, text] :
       {std::pair<std::string, std::string>("EC -pkeyopt ec_paramgen_curve:P-256", "correct horse"),
        {"RSA", "p\xc3\xa4ss\xf0\x9f\x94\x92"}}) {
    SCOPED_TRACE(kind + ' ' + text);
    make_chain(kind);
    write_ours({.passphrase = text, .iterations = 5000});
    const std::string db = "sql:db" + std::to_string(++number);
    put("pass", text);
    must("mkdir " + db.substr(4) + " && certutil -N -d " + db + " --empty-password");
    const std::string list = must("pk12util -l ours.p12 -w pass -d " + db);
    EXPECT_NE(list.find("my name"), std::string::npos) << list;
    must("pk12util -i ours.p12 -w pass -d " + db);
    EXPECT_NE(must("certutil -L -d " + db).find("my name"), std::string::npos);
    EXPECT_NE(must("certutil -K -d " + db).find("my name"), std::string::npos);
    must("pk12util -o n.p12 -n 'my name' -w pass -d " + db);
    EXPECT_EQ(get("n.p12").substr(0, 2), "\x30\x80");  // what makes this a test of BER
    expect_opens("n.p12", "my name", text);
  }
}

// ---- PBMAC1 --------------------------------------------------------------------------------------------

// RFC 9579: the tools of this Debian do not know it yet; Python computes it a second time.
TEST_F(Pkcs12InteropTest, pbmac1_is_what_python_computes) {
  if (!has("python3")) GTEST_SKIP() << "python3 is not installed";
  make_chain();
  const std::string script = "python3 '" BULLA_SOURCE_DIR "/tests/pki/pbmac1.py' ";
  write_ours({.passphrase = passphrase, .iterations = 3000, .integrity = Pkcs12Integrity::pbmac1});
  must(script + "check ours.p12 'correct horse'");
  EXPECT_NE(run(script + "check ours.p12 'correct house'").status, 0);
  must(export_chain + passout + "-out o.p12");
  for (const char* hashes : {"sha256 sha256", "sha256 sha512", "sha512 sha512", "sha1 sha384"}) {
    must(script + "make o.p12 'correct horse' p.p12 " + hashes);
    expect_opens("p.p12", "my name");
  }
}

}  // namespace
}  // namespace bulla::pki
