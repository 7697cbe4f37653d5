// What the cert verbs share: options, passphrases, CA files, and writing a key and what belongs to it.
#pragma once

#include <bulla/os.h>
#include <bulla/pki.h>

#include <string>
#include <string_view>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace bulla::cli {

/// Where the passphrase of a new key comes from; nowhere: the key is written in the clear.
struct NewKeyFlags {
  std::string kind = "ecdsa-p256";
  std::string passphrase_file = {};
  bool passphrase_prompt = false;
};
/// `kind_names`: what the option for the kind of key is called. Returns it.
CLI::Option* add_new_key_flags(CLI::App& verb, NewKeyFlags& flags,
                               const std::string& kind_names = "--key-type");

/// Empty where the key is to be written in the clear. A passphrase that is typed is asked for twice. Errors:
/// those of the file and the terminal; bad_argument for an empty passphrase.
Result<SecretBytes> new_passphrase(const NewKeyFlags& flags);

struct CaFlags {
  std::string certificate = {};
  std::string key = {};
  std::string passphrase_file = {};
};
/// An encrypted key without a passphrase file asks on the terminal. Errors name the file.
Result<pki::CertificateAuthority> load_ca(const CaFlags& flags);

/// "DIR/stem.pem" and so on.
struct OutputPaths {
  std::string product, key;
};
/// Where `product_ending` (".pem", ".csr") and the key go. Makes the folder; file_exists if one of them is
/// there and `if_exists` refuses: before any work is done.
Result<OutputPaths> output_paths(const std::string& folder, std::string_view name,
                                 std::string_view product_ending, IfExists if_exists);
/// The same for one file: file_exists where it is there and `if_exists` refuses.
Result<void> check_free(const std::string& path, IfExists if_exists);
/// Where a request's certificate goes: "www.csr" becomes "www.pem" beside it; "-" stays.
std::string certificate_beside(const std::string& request);
/// A request's key, where `bulla cert csr` put it, as a word for a shell; a word in capitals where it is not
/// there.
std::string key_beside(const std::string& request);
/// The key first, readable by its owner only. Of processes that write the same pair at the same time, the
/// last one's key and product stay, never the key of one and the product of another; where `if_exists`
/// refuses, nothing is written if either is there.
Result<void> write_key_and_product(const OutputPaths& paths, const pki::KeyPair& key,
                                   const SecretBytes& passphrase, std::string_view product,
                                   IfExists if_exists);

/// The same error with the file's name in front of its evidence.
Error in_file(const std::string& path, Error error);
/// Two lines on a certificate that was signed for a request: whom and which names it speaks for, since others
/// wrote the request.
void print_whom(const Certificate& certificate);
/// "for you only", "encrypted": how a key was written.
std::string key_protection(const SecretBytes& passphrase);

}  // namespace bulla::cli
