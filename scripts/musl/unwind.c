/* What std asks of an unwinder, for programs built with panic=abort: nothing is ever unwound, and no backtrace is taken.
   zig's is 14 kB of code that never runs. */
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

#ifdef __arm__
/* The names that Arm's own unwinding has for the same. */
int _Unwind_VRS_Get(void *context, int class, uint32_t number, int form, void *value)
{ (void)context; (void)class; (void)number; (void)form; *(uint32_t *)value = 0; return 0; }
int _Unwind_VRS_Set(void *context, int class, uint32_t number, int form, void *value)
{ (void)context; (void)class; (void)number; (void)form; (void)value; return 0; }
int __gnu_unwind_frame(void *exception, void *context) { (void)exception; (void)context; return END_OF_STACK; }
int __aeabi_unwind_cpp_pr0(void) { return END_OF_STACK; }
int __aeabi_unwind_cpp_pr1(void) { return END_OF_STACK; }
int __aeabi_unwind_cpp_pr2(void) { return END_OF_STACK; }
#endif
