// Pipes and devices, which may keep their reader or writer waiting: a wait ends by Interrupted.
#pragma once
#include <string>

namespace diffusion {

/// Whether what is open is a file, which lets nobody wait.
bool is_regular(int descriptor);

/// Descriptors for reading; "-" is standard input. A pipe is opened without waiting for its
/// other end. Negative, with errno, where that fails.
int open_to_read(const std::string& path);
/// The same for writing into a device or a pipe that is there; waits for a pipe's reader.
int open_to_write(const std::string& path);

/// Waits until a stream gives bytes, or ends. The other end of a pipe may not be there yet.
void wait_for_input(int descriptor);

/// Waits until a stream takes bytes: of a pipe so many as a write takes at once, PIPE_BUF. What
/// is written after an interrupt, such as the last checkpoint, waits without end.
void wait_for_output(int descriptor);

}  // namespace diffusion
