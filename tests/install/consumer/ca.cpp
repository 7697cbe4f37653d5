// A CA with records from an installed tree: made, used, and told what it made.
#include <bulla/ca.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "bulla-consumer-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return 1;
  const auto ca = bulla::ca::Authority::create(folder, {.name = "Example"});
  const auto issuer = ca ? ca->unlock() : ca.error();
  const auto issued = issuer ? issuer->issue({.names = {"www.example.com"}}) : issuer.error();
  const bool ok = issued && ca->find("www.example.com") && ca->records()->size() == 3;
  std::filesystem::remove_all(folder);
  std::puts(ok ? "ca: as expected" : "ca: FAILED");
  return ok ? 0 : 1;
}
