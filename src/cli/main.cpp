#include "cli/commands.h"

int main(int argc, char** argv) {
  return bulla::cli::run_program(argc, argv);
}
