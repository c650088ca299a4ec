#include "lib/tensor/array_program.hpp"

#include <exception>
#include <limits>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// The header of the array that begins `bytes`, once it is all there.
std::optional<NpyHeader> header_of(std::string_view bytes, const std::string& culprit) {
  constexpr std::size_t fixed = 12;  // magic, version, length of the header
  if (bytes.size() < fixed) return std::nullopt;
  const auto byte = [&](std::size_t i) { return std::size_t(std::uint8_t(bytes[i])); };
  const std::size_t size =
      bytes[6] == 1 ? 10 + byte(8) + (byte(9) << 8)
                    : 12 + byte(8) + (byte(9) << 8) + (byte(10) << 16) + (byte(11) << 24);
  constexpr std::size_t most = 1 << 20;
  if (size > most)
    throw Error(culprit + ": answers an .npy array whose header has " + std::to_string(size) +
                " bytes");
  if (bytes.size() < size) return std::nullopt;
  constexpr std::uint64_t any_size = std::uint64_t(1) << 62;
  return read_npy_header(bytes, any_size, culprit);
}

constexpr const char* untimely = "answers before it is asked";

std::string ending(int status, const Conversation& talk) {
  return " (exit status " + std::to_string(status) + ")" + talk.complaint();
}

}  // namespace

ArrayProgram::ArrayProgram(std::string command, Life life, double patience)
    : command_(std::move(command)),
      life_(life),
      patience_(patience == 0 ? std::numeric_limits<double>::infinity() : patience) {}

ArrayProgram::~ArrayProgram() {
  if (std::uncaught_exceptions() > 0) return;
  try {
    finish();
  } catch (const Interrupted&) {  // whoever waits next is told
  } catch (const Error&) {        // whoever wants to know calls finish()
  }
}

NpyArray ArrayProgram::ask(std::string_view question,
                           const std::function<void(const NpyHeader&)>& accept) {
  using Until = Conversation::Until;
  if (!talk_) start();
  if (answered_) need_silence();
  Conversation::Answer answer = converse(question, accept);
  const auto ended_first = [&] { return answer.until == Until::ended && answer.bytes.empty(); };
  if (ended_first() && answered_ && life_ == Life::many) {
    const auto status = talk_->finish();
    if (status.value_or(0) != 0) fail("ended" + ending(*status, *talk_));
    start();
    answer = converse(question, accept);
  }
  if (ended_first())
    fail_at_end(answers_ == 0 ? "ended without an answer"
                              : "ended after " + std::to_string(answers_) + " answer" +
                                    (answers_ == 1 ? "" : "s") +
                                    ", and must go on until its standard input closes");
  if (answer.until == Until::ended) fail_at_end("ended within an answer");
  if (answer.until == Until::silent)
    fail("silent for " + shortest(patience_) +
         " s (`exec-timeout` waits longer, 0 for ever; it must not wait for the end of its input" +
         " before it answers)" + talk_->complaint());
  if (answered_ && answer.untimely) fail(untimely);
  answered_ = true;
  ++answers_;
  return npy_from_bytes(std::move(answer.bytes), name());
}

std::optional<std::string> ArrayProgram::finish() {
  if (!talk_) return std::nullopt;
  need_end();
  const auto status = talk_->finish();
  std::optional<std::string> wrong;
  if (!status)
    wrong = name() + ": goes on when its standard input has closed, and was ended";
  else if (*status != 0)
    wrong = name() + ": ended badly after its last answer" + ending(*status, *talk_);
  talk_.reset();
  return wrong;
}

void ArrayProgram::fail(const std::string& what) const { throw Error(name() + ": " + what); }

void ArrayProgram::start() {
  const std::vector<std::string> words = {"/bin/sh", "-c", command_};
  talk_.emplace(words, patience_);
  answered_ = false;
}

/// Until one array is there.
Conversation::Answer ArrayProgram::converse(std::string_view question,
                                            const std::function<void(const NpyHeader&)>& accept) {
  const auto refuse = [&] {
    fail("answers something that is not an .npy array" + talk_->complaint());
  };
  const auto complete = [&](std::string_view bytes) {
    if (bytes.size() >= 12 && !is_npy(bytes)) refuse();
    const auto header = header_of(bytes, name());
    if (!header) return false;
    accept(*header);
    const std::size_t size = header->bytes + header->data_bytes;
    if (bytes.size() > size) fail("answers more than the one array it is asked for");
    return bytes.size() == size;
  };
  Conversation::Answer answer = talk_->ask(question, complete);
  if (answer.until != Conversation::Until::complete && !answer.bytes.empty() &&
      !is_npy(answer.bytes))
    refuse();
  return answer;
}

void ArrayProgram::need_silence() {
  if (!talk_->unasked().empty()) fail(untimely);
}

/// Whatever was taken for the answer to which question, all of them together must be as many.
void ArrayProgram::need_end() {
  using Until = Conversation::Until;
  const Until until = talk_->rest();
  if (until == Until::ended) return;
  const std::string complaint = talk_->complaint();
  talk_.reset();
  fail((until == Until::complete
            ? "answers more than it is asked"
            : "leaves its standard output open when its standard input has closed") +
       complaint);
}

void ArrayProgram::fail_at_end(const std::string& what) {
  const auto status = talk_->finish();
  fail(what + (status ? ending(*status, *talk_) : talk_->complaint()));
}

}  // namespace diffusion
