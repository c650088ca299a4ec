// A plugin without devices, which fails as FAKE_XLA_PLUGIN says: "version 0.40", "abort", "crash",
// "memory", "options", "empty"; other words are what its client's creation fails with. "talk": it
// writes to standard output.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "lib/xla/pjrt_api.hpp"

namespace {

using namespace diffusion::xla::pjrt;

struct Failure {
  std::string message;
  Code code;
};

std::string mode() {
  const char* const word = std::getenv("FAKE_XLA_PLUGIN");
  return word ? word : "";
}

void destroy_error(void* given) {
  delete static_cast<Failure*>(static_cast<OneObject*>(given)->object);
}
void tell_error(void* given) {
  auto* const said = static_cast<TextOf*>(given);
  const auto* const failure = static_cast<Failure*>(said->object);
  said->text = failure->message.c_str();
  said->size = failure->message.size();
}
void* tell_code(void* given) {
  auto* const number = static_cast<NumberOf*>(given);
  number->got = int(static_cast<Failure*>(number->object)->code);
  return nullptr;
}

void* initialize(void*) {
  std::fprintf(stderr, "E0000 00:00:1782 cpu.cc:1] chatter of the plugin's\n");
  return nullptr;
}

void* create(void* given) {
  const auto* const client = static_cast<ClientCreate*>(given);
  std::fprintf(stderr, "E0000 00:00:1782 cpu.cc:2] chatter of the client's\n");
  if (mode() == "abort") std::abort();
  if (mode() == "memory")
    return new Failure{"16 GB, all gone\nand a trace", Code::resource_exhausted};
  if (mode() == "options" && client->option_count > 0)
    return new Failure{"no such option", Code::invalid_argument};
  return new Failure{mode(), Code(13)};
}

}  // namespace

extern "C" const void* GetPjrtApi() {
  static Table table;
  if (mode() == "crash") std::raise(SIGSEGV);
  if (mode() == "talk") {
    std::printf("talk in a buffer, ");
    (void)!write(STDOUT_FILENO, "talk\n", 5);
  }
  if (mode() == "empty") return nullptr;
  table.head.size = sizeof table;
  table.major = 0;
  table.minor = 106;
  if (mode().starts_with("version "))
    std::sscanf(mode().c_str(), "version %d.%d", &table.major, &table.minor);
  if (mode() == "short") table.head.size = sizeof table - sizeof(void*);
  const auto set = [&](Slot slot, auto function) {
    table.function[int(slot)] = reinterpret_cast<void (*)()>(function);
  };
  set(Slot::error_destroy, destroy_error);
  set(Slot::error_message, tell_error);
  set(Slot::error_code, tell_code);
  set(Slot::plugin_initialize, initialize);
  set(Slot::client_create, create);
  return &table;
}
