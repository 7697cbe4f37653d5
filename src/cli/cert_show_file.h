// What `cert show` says of files: everything in them, for a person or as JSON.
#pragma once

#include "cli/exit_status.h"
#include "cli/flags.h"

#include <bulla/certificate.h>

#include <span>
#include <string>
#include <vector>

namespace bulla::cli {

struct CertShowFlags {
  std::vector<std::string> targets;
  std::string name, passphrase_file;
  bool json = false, text = false;
  unsigned timeout = 10;
  TlsFlags tls;
  TrustFlags trust;
};

/// Certificates and what is odd about their order.
void print_chain(const CertShowFlags& flags, std::span<const CertificatePtr> chain);
/// "certificates":[...],"problems":[...]
std::string chain_json(std::span<const CertificatePtr> chain);

/// One file; "-" is standard input.
ExitStatus show_file(const CertShowFlags& flags, const std::string& path);

}  // namespace bulla::cli
