// The exceptions that cross module boundaries.
#pragma once
#include <stdexcept>
#include <string>

namespace diffusion {

/// Something the user can fix: a bad file, flag or configuration. The message
/// is printed as is after the tool's name, on one line: it names the culprit,
/// says what is wrong and, where that is known, what would be right.
/// Broken invariants are bugs and use assert instead.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The result can't be written (full disk, no permission): what stops a batch, where
/// one bad input does not.
class OutputError : public Error {
 public:
  using Error::Error;
};

/// The user asked to stop (Ctrl-C). Unwinds so that temporary files go away.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

}  // namespace diffusion
