#include "lib/fid/exec_features.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "lib/base/conversation.hpp"
#include "lib/base/error.hpp"
#include "lib/tensor/npy_header.hpp"

namespace diffusion {
namespace {

/// Whether the array that begins `bytes` is all there; also when there is none.
bool npy_is_complete(std::string_view bytes) {
  constexpr std::size_t fixed = 12;  // magic, version, length of the header
  if (bytes.size() < fixed) return false;
  if (!is_npy(bytes)) return true;
  const auto byte = [&](std::size_t i) { return std::size_t(std::uint8_t(bytes[i])); };
  const std::size_t header =
      bytes[6] == 1 ? 10 + byte(8) + (byte(9) << 8)
                    : 12 + byte(8) + (byte(9) << 8) + (byte(10) << 16) + (byte(11) << 24);
  if (bytes.size() < header) return false;
  constexpr std::uint64_t any_size = std::uint64_t(1) << 62;
  const NpyHeader described = read_npy_header(bytes, any_size, "exec");
  constexpr std::uint64_t most = std::uint64_t(1) << 33;
  if (described.data_bytes > most)
    throw Error("exec: a program announces an answer of " + std::to_string(described.data_bytes) +
                " bytes to one batch of images; at most " + std::to_string(most) + " are taken");
  return bytes.size() >= described.bytes + described.data_bytes;
}

/// The program, which may end between one answer and the next question.
class Program {
 public:
  explicit Program(std::string command) : command_(std::move(command)) {}

  NpyArray ask(std::string_view question) {
    const bool had_answered = talk_.has_value();
    if (!talk_) start();
    auto answer = converse(question);
    if (!answer && had_answered) {  // it was one that answers once
      const int status = talk_->finish();
      if (status != 0) fail("ended" + ending(status));
      start();
      answer = converse(question);
    }
    if (!answer) fail_at_end("ended without an answer");
    return *std::move(answer);
  }

  [[noreturn]] void fail(const std::string& what) const { throw Error(name() + " " + what); }

 private:
  std::string name() const { return "exec:" + command_ + ":"; }

  void start() {
    const std::vector<std::string> words = {"/bin/sh", "-c", command_};
    talk_.emplace(words);
  }

  /// One .npy array; none when the program ended before its first byte.
  std::optional<NpyArray> converse(std::string_view question) {
    const auto complete = [&](std::string_view bytes) {
      if (bytes.size() >= 12 && !is_npy(bytes)) refuse_answer();
      return npy_is_complete(bytes);
    };
    std::string bytes = talk_->ask(question, complete);
    if (bytes.empty()) return std::nullopt;
    if (!is_npy(bytes)) refuse_answer();
    if (!npy_is_complete(bytes)) fail_at_end("ended within an answer");
    return npy_from_bytes(std::move(bytes), "exec:" + command_);
  }

  [[noreturn]] void refuse_answer() const {
    fail("answers something that is not an .npy array" + talk_->complaint());
  }

  std::string ending(int status) const {
    return " (exit status " + std::to_string(status) + ")" + talk_->complaint();
  }

  [[noreturn]] void fail_at_end(const std::string& what) {
    const int status = talk_->finish();
    fail(what + ending(status));
  }

  std::string command_;
  std::optional<Conversation> talk_;
};

std::string question_of(std::span<const Tensor> images) {
  const Shape& shape = images[0].shape();
  const std::size_t pixels = shape[0] * shape[1], channels = shape[2];
  std::string bytes;
  bytes.reserve(images.size() * pixels * 3);
  for (const Tensor& image : images)
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t c = 0; c < 3; ++c)
        bytes.push_back(char(std::uint8_t(image.data()[p * channels + c % channels])));
  return npy_bytes(NpyType::uint8, {images.size(), shape[0], shape[1], 3}, bytes);
}

Tensor checked(const Program& program, const NpyArray& answer, std::size_t images) {
  if (answer.shape.size() != 2 || answer.shape[0] != images || answer.count() == 0)
    program.fail("answers an array of shape " + describe(Shape(answer.shape)) + " to " +
                 std::to_string(images) + " images; N x d is wanted");
  if (!is_floating(answer.type))
    program.fail("answers " + name_of(answer.type) + ", not floating-point numbers");
  Tensor rows = answer.to_tensor();
  if (!std::all_of(rows.begin(), rows.end(), [](float x) { return std::isfinite(x); }))
    program.fail("answers features that are not finite");
  return rows;
}

}  // namespace

FeatureExtractor exec_features(Params& params, Rounding) {
  const std::string command = params.text("command", "");
  if (command.empty()) throw Error("exec: name a command: exec:COMMAND");
  const auto program = std::make_shared<Program>(command);
  const auto prepare = [](const Image& image) {
    return three_channels(byte_scale(image, Rounding::eight_bits));
  };
  const auto run = [program](std::span<const Tensor> images) {
    return checked(*program, program->ask(question_of(images)), images.size());
  };
  return {{{"features", "exec:" + command}}, prepare, features_only(run)};
}

}  // namespace diffusion
