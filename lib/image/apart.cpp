#include "lib/image/apart.hpp"

#include <cstring>

#include "lib/base/module.hpp"
#include "lib/base/process.hpp"

namespace diffusion {
namespace {

std::size_t sample_bytes(Depth depth) {
  return depth == Depth::uint8 ? 1 : depth == Depth::uint16 ? 2 : 4;
}

void take(std::string_view answer, const PlacePicture& place) {
  PictureLayout layout;
  if (answer.size() < sizeof layout) throw Error("damaged: its reader did not get to its end");
  std::memcpy(&layout, answer.data(), sizeof layout);
  answer.remove_prefix(sizeof layout);
  if (layout.depth > Depth::float32) throw Error("damaged: its reader answers nonsense");
  void* const samples = place(layout);
  const std::size_t size =
      layout.height * layout.width * layout.channels * sample_bytes(layout.depth);
  if (answer.size() != size) throw Error("damaged: its reader did not get to its end");
  std::memcpy(samples, answer.data(), size);
}

}  // namespace

bool decode_apart(const char* format, std::string_view bytes, const PlacePicture& place) {
  const std::string purpose = "reads pictures in a process of its own";
  const std::string reader = module_path("diffusion-picture-reader", purpose);
  const std::string words[] = {reader, diffusion_module_stamp(), format};
  const Finished finished = run_program(words, bytes);
  if (finished.status == reader_of_other_build) refuse_other_build(reader, purpose);
  if (finished.status != 0 || finished.output.empty())
    throw Error("damaged: its reader ended with status " + std::to_string(finished.status));
  const std::string_view answer = std::string_view(finished.output).substr(1);
  switch (Answer(finished.output[0])) {
    case Answer::picture:
      take(answer, place);
      return true;
    case Answer::refusal:
      throw Error(std::string(answer));
    default:
      return false;
  }
}

}  // namespace diffusion
