/* What std asks of an unwinder, for programs built with panic=abort: nothing is ever unwound, and no backtrace is taken.
   Debian's musl has no unwinder, and that of its gcc needs glibc. */
#include <stdint.h>

enum { FATAL_PHASE1_ERROR = 3, END_OF_STACK = 5 };

int _Unwind_RaiseException(void *exception) { (void)exception; return FATAL_PHASE1_ERROR; }
void _Unwind_Resume(void *exception) { (void)exception; __builtin_trap(); }
void _Unwind_DeleteException(void *exception) { (void)exception; }
int _Unwind_Backtrace(void *callback, void *argument) { (void)callback; (void)argument; return END_OF_STACK; }

uintptr_t _Unwind_GetIP(void *context) { (void)context; return 0; }
uintptr_t _Unwind_GetIPInfo(void *context, int *before) { (void)context; *before = 0; return 0; }
uintptr_t _Unwind_GetCFA(void *context) { (void)context; return 0; }
uintptr_t _Unwind_GetGR(void *context, int index) { (void)context; (void)index; return 0; }
void _Unwind_SetGR(void *context, int index, uintptr_t value) { (void)context; (void)index; (void)value; }
void _Unwind_SetIP(void *context, uintptr_t value) { (void)context; (void)value; }
uintptr_t _Unwind_GetRegionStart(void *context) { (void)context; return 0; }
uintptr_t _Unwind_GetTextRelBase(void *context) { (void)context; return 0; }
uintptr_t _Unwind_GetDataRelBase(void *context) { (void)context; return 0; }
void *_Unwind_GetLanguageSpecificData(void *context) { (void)context; return 0; }
void *_Unwind_FindEnclosingFunction(void *address) { return address; }
