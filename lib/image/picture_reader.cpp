// diffusion-picture-reader STAMP FORMAT: decodes a picture on standard input by OpenImageIO and
// answers on standard output (apart.hpp). Only our tools start it. What the libraries print
// goes to standard error, which nobody reads.
#include <sys/resource.h>

#include <iostream>
#include <iterator>

#include "lib/base/module.hpp"
#include "lib/image/apart.hpp"
#include "lib/image/image_module.hpp"

namespace {

using namespace diffusion;

constexpr bool sanitized = DIFFUSION_SANITIZED;

/// A damaged file may ask for all memory, or for ever.
void limit_self() {
  constexpr rlim_t most_bytes = rlim_t(8) << 30, most_seconds = 120;
  const rlimit memory{most_bytes, most_bytes}, time{most_seconds, most_seconds}, core{0, 0};
  if (!sanitized) setrlimit(RLIMIT_AS, &memory);  // the shadow alone is larger
  setrlimit(RLIMIT_CPU, &time);
  setrlimit(RLIMIT_CORE, &core);
}

std::string answer(const char* format, const std::string& bytes) {
  PictureLayout layout;
  std::string samples;
  const auto place = [&](const PictureLayout& asked) -> void* {
    check_layout(asked);
    layout = asked;
    samples.resize(layout.height * layout.width * layout.channels *
                   (layout.depth == Depth::uint8    ? 1
                    : layout.depth == Depth::uint16 ? 2
                                                    : 4));
    return samples.data();
  };
  if (!diffusion_image_module()->decode(format, bytes, {place})) return {char(Answer::no_reader)};
  std::string out{char(Answer::picture)};
  out.append(reinterpret_cast<const char*>(&layout), sizeof layout);
  return out + samples;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != diffusion_module_stamp())
    return reader_of_other_build;
  limit_self();
  const std::string bytes(std::istreambuf_iterator<char>(std::cin), {});
  std::string out;
  try {
    out = answer(argv[2], bytes);
  } catch (const std::exception& e) {
    out = char(Answer::refusal) + std::string(e.what());
  }
  std::cout.write(out.data(), std::streamsize(out.size())).flush();
  std::_Exit(std::cout ? 0 : 1);  // what libraries do at the end is none of our business
}
