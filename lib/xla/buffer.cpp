#include "lib/xla/buffer.hpp"

#include <cassert>

namespace diffusion::xla {
using pjrt::Slot;

Pending& Pending::operator=(Pending&& other) noexcept {
  finish();
  event_ = std::move(other.event_);
  return *this;
}

void Pending::await() {
  if (!event_) return;
  const Handle event = std::move(event_);
  pjrt::OneObject wait{.object = event.get()};
  event.plugin().call(Slot::event_await, wait);
}

void Pending::finish() noexcept {
  try {
    await();
  } catch (const Error&) {  // who wanted to know would have asked
  }
}

void Buffer::download(std::span<std::byte> to) const { begin_download(to).await(); }

Pending Buffer::begin_download(std::span<std::byte> to) const {
  assert(handle_ && to.size() == shape_.bytes());
  pjrt::BufferToHost copy{.buffer = handle_.get(), .data = to.data(), .size = to.size()};
  handle_.plugin().call(Slot::buffer_to_host, copy);
  return Pending(Handle(handle_.plugin(), handle_.keep(), Slot::event_destroy, copy.done));
}

Pending Buffer::ready() const {
  assert(handle_);
  pjrt::ObjectOf event{.object = handle_.get()};
  handle_.plugin().call(Slot::buffer_ready, event);
  return Pending(Handle(handle_.plugin(), handle_.keep(), Slot::event_destroy, event.got));
}

}  // namespace diffusion::xla
